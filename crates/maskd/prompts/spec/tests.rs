use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> Result<(u32, u64, Part), SpecError> {
    let spec: Spec = text.parse()?;
    Ok((spec.object.get(), spec.frame, spec.part))
}

fn at(x: f32, y: f32, positive: bool) -> Part {
    Part::Point(Point { x, y, positive })
}

#[test]
fn every_form_is_read() {
    let table = [
        ("1@0:point=320,180", (1, 0, at(320.0, 180.0, true))),
        ("7:point=0.5,2", (7, 0, at(0.5, 2.0, true))),
        ("2@40:point=3,4,-", (2, 40, at(3.0, 4.0, false))),
        ("1:point=-3,4", (1, 0, at(-3.0, 4.0, true))),
        ("1:point=-3,-4,-", (1, 0, at(-3.0, -4.0, false))),
        ("3@12:box=1,2,3.5,4", (3, 12, Part::Box([1.0, 2.0, 3.5, 4.0]))),
        ("1:mask=a.png", (1, 0, Part::Mask("a.png".into()))),
        ("1@9:mask=C:\\m=1@2.png", (1, 9, Part::Mask("C:\\m=1@2.png".into()))),
        ("4294967295:point=1,1", (u32::MAX, 0, at(1.0, 1.0, true))),
    ];
    for (text, expected) in table {
        assert_eq!(parse(text), Ok(expected), "{text}");
    }
}

#[test]
fn every_fault_is_named() {
    let table = [
        ("", SpecError::NoColon),
        ("1@0", SpecError::NoColon),
        ("point=3,4", SpecError::NoColon),
        (":point=3,4", SpecError::Object("".into())),
        ("0:point=3,4", SpecError::Object("0".into())),
        ("+1:point=3,4", SpecError::Object("+1".into())),
        ("4294967296:point=3,4", SpecError::Object("4294967296".into())),
        ("cat:point=3,4", SpecError::Object("cat".into())),
        ("1@:point=3,4", SpecError::Frame("".into())),
        ("1@-1:point=3,4", SpecError::Frame("-1".into())),
        ("1@2@3:point=3,4", SpecError::Frame("2@3".into())),
        ("1:", SpecError::Kind("".into())),
        ("1:circle=3,4", SpecError::Kind("circle=3,4".into())),
        ("1:remove", SpecError::Kind("remove".into())),
        ("1:point=", SpecError::Coordinate("".into())),
        ("1:point=3", SpecError::Point("3".into())),
        ("1:point=3,4,5", SpecError::Point("3,4,5".into())),
        ("1:point=3,4,+", SpecError::Coordinate("+".into())),
        ("1:point=3,nan", SpecError::Coordinate("nan".into())),
        ("1:point=3, 4", SpecError::Coordinate(" 4".into())),
        ("1:point=1e39,4", SpecError::Coordinate("1e39".into())),
        ("1:box=1,2,3", SpecError::Box("1,2,3".into())),
        ("1:box=3,2,1,4", SpecError::Box("3,2,1,4".into())),
        ("1:box=1,2,1,4", SpecError::Box("1,2,1,4".into())),
        ("1:box=1,2,inf,4", SpecError::Coordinate("inf".into())),
        ("1:mask=", SpecError::NoMask),
    ];
    for (text, expected) in table {
        assert_eq!(parse(text), Err(expected), "{text}");
    }
}

fn any_part() -> impl Strategy<Value = (String, Part)> {
    let coordinate = -1e4_f32..1e4;
    let place = (coordinate.clone(), coordinate.clone(), any::<bool>());
    let point = place.prop_map(|(x, y, positive)| {
        let sign = if positive { "" } else { ",-" };
        (format!("point={x},{y}{sign}"), at(x, y, positive))
    });
    let edges = (coordinate.clone(), coordinate, 1_f32..1e3, 1_f32..1e3).prop_map(|(x, y, w, h)| {
        let edges = [x, y, x + w, y + h];
        (format!("box={},{},{},{}", edges[0], edges[1], edges[2], edges[3]), Part::Box(edges))
    });
    let mask = "[^\u{0}]{1,20}".prop_map(|file| (format!("mask={file}"), Part::Mask(file.into())));
    prop_oneof![point, edges, mask]
}

proptest! {
    #[test]
    fn what_is_written_is_read(id in 1_u32.., frame in any::<u64>(), (text, part) in any_part()) {
        prop_assert_eq!(parse(&format!("{id}@{frame}:{text}")), Ok((id, frame, part)));
    }

    #[test]
    fn no_text_is_too_strange(text in "\\PC*") {
        let _ = text.parse::<Spec>();
    }

    #[test]
    fn nearly_right_texts_give_only_usable_prompts(text in "[0-2]{0,2}@?[0-3]{0,2}:?(point|box|mask)?=?[0-9,.e+-]{0,16}") {
        if let Ok((_, _, part)) = parse(&text) {
            match part {
                Part::Point(point) => prop_assert!(point.x.is_finite() && point.y.is_finite()),
                Part::Box(edges) => prop_assert!(is_box(&edges)),
                Part::Mask(file) => prop_assert!(!file.as_os_str().is_empty()),
                Part::Remove => prop_assert!(false, "a text cannot remove"),
            }
        }
    }
}

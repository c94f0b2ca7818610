use maskd_types::Point;

use super::*;
use crate::exit::{Advice, Code};
use crate::prompts::{Origin, Spec};

fn flag(text: &str) -> Statement {
    text.parse::<Spec>().unwrap().into()
}

fn entry(frame: u64, object: u32, part: Part) -> Statement {
    Statement {
        object: ObjectId::new(object).unwrap(),
        frame,
        part,
        origin: Origin::Entry { file: std::path::Path::new("p.json").into(), number: 3 },
    }
}

fn plan(texts: &[&str]) -> Result<Plan, PromptError> {
    Plan::new(texts.iter().map(|text| flag(text)))
}

#[test]
fn parts_of_one_prompt_combine_in_order_of_frame_and_object() {
    let texts = ["2@5:point=1,1", "1@5:point=1,2", "1@0:box=1,2,3,4", "1@5:point=3,4,-", "1@5:point=1,2"];
    let plan = plan(&texts).unwrap();
    let keys: Vec<_> = plan.groups().map(|(f, o, g)| (f, o.get(), g.len())).collect();
    assert_eq!(keys, [(0, 1, 1), (5, 1, 3), (5, 2, 1)]);
}

#[test]
fn contradictions_name_both_sides() {
    let table = [
        ["1:mask=a.png", "1:point=3,4"],
        ["1:box=1,2,3,4", "1:mask=a.png"],
        ["1:mask=a.png", "1:mask=b.png"],
        ["1@2:box=1,2,3,4", "1@2:box=1,2,3,5"],
        ["1:point=3,4", "1:point=3,4,-"],
    ];
    for pair in table {
        let error = plan(&pair).unwrap_err();
        let text = error.to_string();
        assert!(pair.iter().all(|side| text.contains(side)), "{text}");
        assert_eq!(error.code(), Code::Usage);
    }
}

#[test]
fn a_contradiction_with_the_file_is_bad_configuration() {
    let error = Plan::new([flag("1@7:point=1,1"), entry(7, 1, Part::Remove)]).unwrap_err();
    assert!(error.to_string().contains("entry 3 of p.json"), "{error}");
    assert_eq!(error.code(), Code::Config);
}

#[test]
fn only_tracked_objects_can_be_removed() {
    let point = |frame, object| entry(frame, object, Part::Point(Point { x: 1.0, y: 1.0, positive: true }));
    let remove = |frame, object| entry(frame, object, Part::Remove);
    let unknown = |statements: Vec<Statement>| match Plan::new(statements) {
        Err(PromptError::UnknownObject { frame, object, .. }) => Some((frame, object.get())),
        other => panic!("{other:?}"),
    };
    assert_eq!(unknown(vec![remove(4, 2), point(0, 1)]), Some((4, 2)));
    assert_eq!(unknown(vec![remove(4, 1), point(5, 1)]), Some((4, 1)));
    assert_eq!(unknown(vec![point(0, 1), remove(4, 1), remove(6, 1)]), Some((6, 1)));
    let again = vec![point(0, 1), remove(4, 1), point(5, 1), remove(6, 1)];
    assert!(Plan::new(again).is_ok());
}

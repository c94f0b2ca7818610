//! Data sets on disk, and what is wrong with them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;

use maskd_eval::davis::DataSet;
use maskd_eval::{EvalError, Scores, measure::Measures};
use maskd_types::ObjectId;

/// Writes an indexed PNG, 4 pixels wide and 1 high.
fn annotation(path: &Path, pixels: [u8; 4]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut encoder = png::Encoder::new(fs::File::create(path).unwrap(), 4, 1);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette(vec![0; 12]);
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
}

fn frames(root: &Path, sequence: &str, names: &[&str]) {
    let folder = root.join("JPEGImages").join(sequence);
    fs::create_dir_all(&folder).unwrap();
    names.iter().for_each(|name| fs::write(folder.join(name), b"").unwrap());
}

fn id(number: u32) -> ObjectId {
    ObjectId::new(number).unwrap()
}

#[test]
fn frames_and_annotations_go_together_by_their_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    frames(root, "cars", &["00000.jpg", "00005.jpg", "00010.jpg", "00015.jpg"]);
    frames(root, "not annotated", &["00000.jpg"]);
    annotation(&root.join("Annotations/cars/00000.png"), [0, 1, 1, 0]);
    annotation(&root.join("Annotations/cars/00010.png"), [2, 0, 1, 0]);
    let data = DataSet::open(root).unwrap();
    assert_eq!(data.names().unwrap(), ["cars"]);
    let cars = data.sequence("cars").unwrap();
    assert_eq!((cars.numbers.len(), cars.annotation(1).unwrap()), (4, None));
    let starts = cars.starts().unwrap();
    let began: Vec<_> = starts.iter().map(|start| (start.object.get(), start.frame, start.mask.area())).collect();
    assert_eq!(began, [(1, 0, 2), (2, 2, 1)]);
    assert_eq!((cars.judged(0).collect::<Vec<_>>(), cars.judged(2).count()), (vec![2], 0));
    let later = cars.annotation(2).unwrap().unwrap();
    assert_eq!((later.mask(id(1)).area(), later.mask(id(9)).area()), (1, 0));
    let merged = cars.merged().annotation(2).unwrap().unwrap();
    assert_eq!(merged.objects().map(|(id, mask)| (id.get(), mask.area())).collect::<Vec<_>>(), [(1, 2)]);
}

#[test]
fn the_first_and_the_last_frame_are_not_judged() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    frames(root, "s", &["0.png", "1.png", "2.png", "10.png"]);
    for (number, pixels) in [(0, [1, 1, 0, 0]), (1, [1, 1, 0, 0]), (2, [0, 1, 1, 0]), (10, [0, 0, 0, 0])] {
        annotation(&root.join(format!("Annotations/480p/s/{number}.png")), pixels);
    }
    let sequence = DataSet::open(root).unwrap().sequence("s").unwrap();
    assert_eq!(sequence.judged(0).collect::<Vec<_>>(), [1, 2]);
    let first = sequence.starts().unwrap().remove(0).mask;
    let mut scores = Scores::default();
    for frame in sequence.judged(0) {
        scores.push(Measures::of(&first, &sequence.annotation(frame).unwrap().unwrap().mask(id(1))));
    }
    assert!((scores.j().mean - (1.0 + 1.0 / 3.0) / 2.0).abs() < 1e-12);
}

#[test]
fn mistakes_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let open = || DataSet::open(root).unwrap();
    assert!(matches!(DataSet::open(root), Err(EvalError::Layout { missing: "JPEGImages", .. })));
    frames(root, "a", &["0.jpg", "1.jpg"]);
    assert!(matches!(DataSet::open(root), Err(EvalError::Layout { missing: "Annotations", .. })));
    fs::create_dir(root.join("Annotations")).unwrap();
    assert!(matches!(open().names(), Err(EvalError::NoSequences { .. })));
    annotation(&root.join("Annotations/a/0.png"), [0; 4]);
    assert!(matches!(open().sequence("b"), Err(EvalError::NoSuchSequence { .. })));
    assert!(matches!(open().sequence("a").unwrap().starts(), Err(EvalError::NoObject { .. })));
    fs::write(root.join("Annotations/a/1.png"), "hello").unwrap();
    assert!(matches!(open().sequence("a").unwrap().annotation(1), Err(EvalError::Mask { .. })));
    fs::rename(root.join("Annotations/a/1.png"), root.join("Annotations/a/7.png")).unwrap();
    assert!(matches!(open().sequence("a"), Err(EvalError::NoFrame { .. })));
    fs::rename(root.join("Annotations/a/7.png"), root.join("Annotations/a/x.png")).unwrap();
    assert!(matches!(open().sequence("a"), Err(EvalError::Name { .. })));
}

//! Mask images, read back.

#![allow(clippy::unwrap_used, reason = "a failed expectation is a failed test")]

mod common;

use common::{frame, object, read_png, scene, tracked};
use maskd_output::masks::{MasksConfig, MasksSink};
use maskd_output::{OutputError, Sink};

fn sink_to(directory: &std::path::Path) -> MasksSink {
    MasksSink::create(&MasksConfig { directory: directory.to_owned() }).unwrap()
}

#[test]
fn pixels_are_ids() {
    let directory = tempfile::tempdir().unwrap();
    let inner = directory.path().join("made/on/the/way");
    let mut sink = sink_to(&inner);
    for frame in scene("scene://?frames=5&size=161x90&objects=5") {
        sink.write(&frame).unwrap();
        let path = inner.join(format!("{:05}.png", frame.frame.number));
        let (width, height, palette, pixels) = read_png(&path);
        assert_eq!((width, height), (161, 90));
        assert_eq!(palette.unwrap()[..12], [0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0]);
        let mut expected = vec![0; pixels.len()];
        for object in &frame.objects {
            for (pixel, inside) in expected.iter_mut().zip(object.mask.decode().data()) {
                *pixel += *inside * object.id.get() as u8;
            }
        }
        assert_eq!(pixels, expected);
    }
    sink.finish().unwrap();
    let mut names: Vec<_> = std::fs::read_dir(&inner).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["00000.png", "00001.png", "00002.png", "00003.png", "00004.png"]);
}

#[test]
fn the_higher_score_wins_and_then_the_lower_id() {
    let directory = tempfile::tempdir().unwrap();
    let mut sink = sink_to(directory.path());
    let size = [4, 1];
    let objects = vec![
        object(3, 0.5, size, [0, 0, 3, 1]),
        object(7, 0.9, size, [2, 0, 4, 1]),
        object(9, 0.5, size, [0, 0, 2, 1]),
    ];
    sink.write(&tracked(frame(123_456, 4, 1), objects)).unwrap();
    let (.., pixels) = read_png(&directory.path().join("123456.png"));
    assert_eq!(pixels, [3, 3, 7, 7]);
}

#[test]
fn what_does_not_fit_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let write = |objects| sink_to(directory.path()).write(&tracked(frame(0, 4, 4), objects)).unwrap_err();
    let large = write(vec![object(256, 0.5, [4, 4], [0, 0, 1, 1])]);
    assert!(matches!(large, OutputError::LargeId { id: 256 }), "{large}");
    let other = write(vec![object(2, 0.5, [5, 4], [0, 0, 1, 1])]);
    assert!(matches!(other, OutputError::MaskSize { id: 2, mask: [5, 4], frame: [4, 4] }), "{other}");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn a_directory_that_cannot_be_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let directory = file.path().join("masks");
    let error = MasksSink::create(&MasksConfig { directory }).err().unwrap();
    assert!(matches!(error, OutputError::Create { .. }), "{error}");
}

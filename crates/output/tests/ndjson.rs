//! The lines that others parse.

#![allow(clippy::unwrap_used, reason = "a failed expectation is a failed test")]

mod common;

use std::io::{self, Write};
use std::path::Path;

use common::{frame, object, scene, tracked, with_mask};
use maskd_output::ndjson::{NdjsonConfig, NdjsonSink};
use maskd_output::{OutputError, Sink};
use maskd_types::{Latency, Rle};

fn sink_to(path: &Path) -> Result<NdjsonSink, OutputError> {
    NdjsonSink::create(&NdjsonConfig { path: path.to_owned() })
}

#[test]
fn a_line_has_the_promised_form() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("objects.ndjson");
    let mut sink = sink_to(&path).unwrap();
    let seen = object(1, 0.98, [6, 5], [1, 1, 4, 3]);
    let hidden = with_mask(12, 0.25, Rle::empty(6, 5));
    let mut frame = tracked(frame(3, 6, 5), vec![seen, hidden]);
    frame.latency = Latency { encode: 1.234_56, track: 2.0, total: 3.5 };
    sink.write(&frame).unwrap();
    // Flushed per line: there before the sink is finished.
    let text = std::fs::read_to_string(&path).unwrap();
    let expected = concat!(
        r#"{"stream":"test","frame":3,"pts_ns":120000000,"width":6,"height":5,"objects":["#,
        r#"{"id":1,"state":"visible","score":0.98,"iou":0.5,"box":[1,1,4,3],"area":6,"centroid":[2.5,2.0],"#,
        r#""mask":{"size":[5,6],"counts":"6230009"}},"#,
        r#"{"id":12,"state":"occluded","score":0.25,"iou":0.5,"box":null,"area":0,"centroid":null,"#,
        r#""mask":{"size":[5,6],"counts":"n0"}}],"#,
        r#""latency_ms":{"encode":1.235,"track":2.0,"total":3.5}}"#,
        "\n"
    );
    assert_eq!(text, expected);
    sink.finish().unwrap();
    assert!(matches!(sink.write(&frame), Err(OutputError::Closed { .. })));
}

#[test]
fn lines_read_back_as_what_was_tracked() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("objects.ndjson");
    let mut sink = sink_to(&path).unwrap();
    let frames: Vec<_> = scene("scene://?frames=20&size=160x91&objects=4").collect();
    for frame in &frames {
        sink.write(frame).unwrap();
    }
    sink.finish().unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), frames.len());
    for (line, frame) in text.lines().zip(&frames) {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(value["frame"], frame.frame.number);
        let objects = value["objects"].as_array().unwrap();
        assert_eq!(objects.len(), 4);
        for (read, object) in objects.iter().zip(&frame.objects) {
            assert_eq!(read["id"], object.id.get());
            assert_eq!(read["area"], object.area);
            let mask: Rle = serde_json::from_value(read["mask"].clone()).unwrap();
            assert_eq!(mask, object.mask);
        }
    }
}

#[test]
fn what_cannot_be_opened_is_named() {
    let error = sink_to(Path::new("/nowhere/at/all.ndjson")).err().unwrap();
    assert!(error.to_string().starts_with("/nowhere/at/all.ndjson cannot be created: "), "{error}");
    assert!(!error.is_disk_full() && !error.is_broken_pipe());
}

/// Takes a number of bytes and then says what pipes without a reader say.
struct Hasty(usize);

impl Write for Hasty {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.checked_sub(bytes.len()) {
            Some(left) => {
                self.0 = left;
                Ok(bytes.len())
            }
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_that_left_is_recognised() {
    let mut sink = NdjsonSink::to_writer("standard output", Hasty(200));
    let frame = tracked(frame(0, 6, 5), vec![]);
    sink.write(&frame).unwrap();
    let error = sink.write(&frame).unwrap_err();
    assert!(error.is_broken_pipe() && !error.is_disk_full(), "{error}");
    assert!(matches!(sink.write(&frame), Err(OutputError::Closed { .. })));
}

#[test]
fn a_full_disk_is_recognised() {
    let full = Path::new("/dev/full");
    if !full.exists() {
        eprintln!("SKIPPED: this system has no /dev/full");
        return;
    }
    let error = sink_to(full).unwrap().write(&tracked(frame(0, 6, 5), vec![])).unwrap_err();
    assert!(error.is_disk_full() && !error.is_broken_pipe(), "{error}");
}

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use maskd_output::rerun::{RerunConfig, RerunSink, RerunTarget};
use maskd_output::{OutputError, Sink};
use maskd_types::{ObjectEventKind, SourceState};
use re_sdk_types::archetypes::{SegmentationImage, TextLog};
use re_sdk_types::components::{ImageBuffer, Text, TextLogLevel};

use crate::common::live::{event, status, wait_for};
use crate::common::{frame, object, tracked};
use crate::scene::{check, entity, frames};
use crate::seen::Seen;

fn sink_to(path: &Path) -> Result<RerunSink, OutputError> {
    RerunSink::create(&RerunConfig::new(RerunTarget::File(path.to_owned())))
}

#[test]
fn a_file_shows_the_scene() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("made/on/the/way.rrd");
    let frames = frames(40);
    let mut sink = sink_to(&path).unwrap();
    for frame in &frames {
        sink.write(frame).unwrap();
    }
    sink.finish().unwrap();
    let seen = Seen::read(&path);
    check(&seen, &frames);
    assert_eq!(seen.recordings.len(), 1);
    let raw = frames.iter().map(|frame| frame.frame.rgb.len() as u64).sum::<u64>();
    let size = fs::metadata(&path).unwrap().len();
    println!("{size} bytes for {raw} of pixels");
    assert!(size < raw / 2, "{size} of {raw}");
}

#[test]
fn events_have_their_time_and_level() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("events.rrd");
    let mut sink = sink_to(&path).unwrap();
    sink.notice(&status("test", SourceState::Live)).unwrap();
    sink.notice(&event("test", ObjectEventKind::Lost, 17)).unwrap();
    sink.finish().unwrap();
    let seen = Seen::read(&path);
    let mut told: Vec<_> = seen
        .values::<Text>("/test/events", TextLog::descriptor_text())
        .iter()
        .zip(seen.values::<TextLogLevel>("/test/events", TextLog::descriptor_level()))
        .map(|(text, level)| (text[0].to_string(), level[0].to_string()))
        .collect();
    told.sort();
    let expected = [("live", "INFO"), ("object 1 (cup): lost", "WARN")];
    assert_eq!(told, expected.map(|(text, level)| (text.to_owned(), level.to_owned())));
    assert_eq!(seen.times("/test/events", "frame"), [17], "a state belongs to no frame");
    let times = seen.times("/test/events", "capture_time");
    assert!(times.len() == 2 && times.contains(&1_700_000_000_000_000_000));
}

#[test]
fn large_ids_take_larger_pixels_and_the_largest_none() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ids.rrd");
    let mut sink = sink_to(&path).unwrap();
    let size = [4, 1];
    let of = |id| object(id, 0.5, size, [1, 0, 3, 1]);
    for (number, id) in [(0, 255), (1, 258), (2, 65_536)] {
        sink.write(&tracked(frame(number, 4, 1), vec![of(id)])).unwrap();
    }
    sink.finish().unwrap();
    let seen = Seen::read(&path);
    assert_eq!(seen.times("/test/image", "frame"), [0, 1, 2]);
    assert_eq!(seen.times("/test/masks", "frame"), [0, 1]);
    let buffers = seen.values::<ImageBuffer>("/test/masks", SegmentationImage::descriptor_buffer());
    assert_eq!(*buffers[0][0].0, [0, 255, 255, 0]);
    assert_eq!(*buffers[1][0].0, [0, 0, 2, 1, 2, 1, 0, 0]);
    assert!(seen.entities().contains(&"/test/objects/65536/score".to_owned()));
}

#[test]
fn rows_wait_for_others_and_not_longer_than_said() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("slow.rrd");
    let length = || fs::metadata(&path).unwrap().len();
    let config = RerunConfig { flush: Duration::from_millis(300), ..RerunConfig::new(RerunTarget::File(path.clone())) };
    let mut sink = RerunSink::create(&config).unwrap();
    let frame = &frames(1)[0];
    let (begun, start) = (length(), Instant::now());
    sink.write(frame).unwrap();
    wait_for("the row is written", || {
        sink.idle(Instant::now()).unwrap();
        length() > begun
    });
    assert!(start.elapsed() >= config.flush);
    assert_eq!(Seen::read(&path).times(&entity("/image"), "frame"), [0]);
}

#[test]
fn a_torn_file_is_continued() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("torn.rrd");
    let frames = frames(20);
    for (i, part) in [&frames[..7], &frames[7..13], &frames[13..]].into_iter().enumerate() {
        let mut sink = sink_to(&path).unwrap();
        for frame in part {
            sink.write(frame).unwrap();
        }
        sink.finish().unwrap();
        drop(sink);
        let bytes = fs::read(&path).unwrap();
        let first = &bytes[12..];
        let length = 16 + u64::from_le_bytes(first[8..16].try_into().unwrap()) as usize;
        // As much of a message as there was room for, and what a machine without power leaves.
        let torn = [&first[..7], &first[..length - 1], &[0; 40]][i];
        fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(torn).unwrap();
    }
    sink_to(&path).unwrap().finish().unwrap();
    let seen = Seen::read(&path);
    assert_eq!(seen.recordings.len(), 3, "nothing was written the fourth time");
    assert_eq!(seen.times(&entity("/image"), "frame"), (0..20).collect::<Vec<_>>());
}

#[test]
fn a_file_has_one_writer() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("one.rrd");
    let first = sink_to(&path).unwrap();
    let error = sink_to(&path).err().unwrap();
    assert!(matches!(error, OutputError::Create { .. }), "{error}");
    drop(first);
    sink_to(&path).unwrap();
}

#[test]
fn other_files_are_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    for (name, bytes) in
        [("text.rrd", &b"my diary"[..]), ("short.rrd", &b"x"[..]), ("old.rrd", &b"RRF1 what followed"[..])]
    {
        let path = directory.path().join(name);
        fs::write(&path, bytes).unwrap();
        let error = sink_to(&path).err().unwrap();
        assert!(matches!(error, OutputError::Create { .. }), "{error}");
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
    let error = sink_to(&directory.path().join("text.rrd/below.rrd")).err().unwrap();
    assert!(matches!(error, OutputError::Create { .. }), "{error}");
}

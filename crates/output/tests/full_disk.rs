//! What happens when the disk is full: a small file system in a mount namespace of its own, and the sinks on it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed expectation is a failed test")]

mod common;

use std::path::{Path, PathBuf};

use common::decode::decode;
use common::small_disk::{self, place};
use common::{read_png, scene};
use maskd_output::masks::{MasksConfig, MasksSink};
use maskd_output::ndjson::{NdjsonConfig, NdjsonSink};
use maskd_output::video::{VideoConfig, VideoSink};
use maskd_output::{OutputError, Sink};

/// Runs the tests below with a directory that takes 256 KiB.
#[test]
fn a_full_disk_is_told_and_spoils_nothing() {
    small_disk::run_tests_on("256k", "", 3);
}

/// Writes noise that compresses badly until the sink fails, and clears up after `check`.
fn fill(mut sink: impl Sink, size: &str, check: impl FnOnce(OutputError, u64)) {
    for frame in scene(&format!("scene://?frames=5000&size={size}&objects=8")) {
        if let Err(error) = sink.write(&frame) {
            assert!(matches!(sink.write(&frame), Err(OutputError::Closed { .. })));
            check(error, frame.frame.number);
            return;
        }
    }
    panic!("the disk never got full");
}

fn lines(path: &Path) -> usize {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.ends_with('\n'));
    text.lines().filter(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()).count()
}

#[test]
#[ignore = "needs a small disk: a_full_disk_is_told_and_spoils_nothing makes one"]
fn lines_stay_whole() {
    let path = place().join("objects.ndjson");
    let sink = NdjsonSink::create(&NdjsonConfig::new(&path)).unwrap();
    fill(sink, "640x360", |error, frame| {
        assert!(error.is_disk_full(), "{error}");
        assert_eq!(lines(&path) as u64, frame);
    });
    std::fs::remove_file(path).unwrap();
}

#[test]
#[ignore = "needs a small disk: a_full_disk_is_told_and_spoils_nothing makes one"]
fn images_stay_whole() {
    let directory = place().join("masks");
    let sink = MasksSink::create(&MasksConfig { directory: directory.clone() });
    fill(sink.unwrap(), "640x360", |error, frame| {
        assert!(error.is_disk_full(), "{error}");
        let files: Vec<PathBuf> = std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(files.len() as u64, frame, "{files:?}");
        for file in files {
            assert_eq!(read_png(&file).0, 640);
        }
    });
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
#[ignore = "needs a small disk: a_full_disk_is_told_and_spoils_nothing makes one"]
fn video_fails_and_does_not_hang() {
    let path = place().join("video.mp4");
    let sink = VideoSink::create(VideoConfig::new(&path, None)).unwrap();
    fill(sink, "160x90", |error, frame| {
        assert!(error.is_disk_full(), "{error}");
        let saved = decode(&path).len();
        assert!(saved as u64 > frame / 2, "{saved} of {frame} frames play");
    });
    std::fs::remove_file(path).unwrap();
}

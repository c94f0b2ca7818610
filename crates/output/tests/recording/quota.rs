use std::path::Path;

use maskd_output::Sink;
use maskd_output::recording::{RecordingConfig, RecordingSink};
use maskd_types::TrackedFrame;

use crate::common::decode::decode;
use crate::support::{config, found, frames};

const QUOTA: u64 = 4 << 20;

fn bytes(path: &Path) -> u64 {
    let found = std::fs::metadata(path).unwrap();
    if found.is_dir() {
        std::fs::read_dir(path).unwrap().map(|entry| bytes(&entry.unwrap().path())).sum()
    } else {
        found.len()
    }
}

fn later(mut frame: TrackedFrame, seconds: u64) -> TrackedFrame {
    frame.frame.stamp.capture.unix_ns += seconds * 1_000_000_000;
    frame
}

#[test]
fn the_oldest_goes_first_also_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let config = RecordingConfig {
        quota_bytes: Some(QUOTA),
        quality: 10,
        ndjson: true,
        masks: true,
        ..config(directory.path())
    };
    let videos = || found(directory.path(), "test", "mp4");
    let mut first = RecordingSink::create(config.clone()).unwrap();
    let mut highest = 0;
    for frame in frames("320x180", 500) {
        first.write(&frame).unwrap();
        highest = highest.max(bytes(directory.path()));
    }
    first.finish().unwrap();
    println!("{highest} bytes at the highest");
    assert!(highest > QUOTA / 2 && highest <= QUOTA, "{highest} bytes at the highest");
    let kept = videos();
    assert!(kept.len() >= 3, "{kept:?}");
    assert!(!kept[0].ends_with("2026-11-22T20-55-03.123Z.mp4"), "the first is still there");
    let stems = |ending: &str| -> Vec<_> {
        found(directory.path(), "test", ending).into_iter().map(|path| path.with_extension("")).collect()
    };
    assert_eq!(stems("mp4"), stems("ndjson"));
    assert_eq!(stems("mp4"), stems("masks"));
    assert!(kept.iter().all(|video| !decode(video).is_empty()));

    let stranger = directory.path().join("test").join("notes.txt");
    std::fs::write(&stranger, "not a recording").unwrap();
    let mut second = RecordingSink::create(config).unwrap();
    assert_eq!(videos(), kept, "beginning removes nothing");
    frames("320x180", 150).for_each(|frame| second.write(&later(frame, 1000)).unwrap());
    second.finish().unwrap();
    let now = videos();
    assert!(!now.contains(&kept[0]), "the oldest of the first run is still there");
    assert!(now.iter().rev().nth(1).is_some_and(|video| !kept.contains(video)), "{now:?}");
    assert!(stranger.exists());
}

//! A small file system in a mount namespace of its own.

use maskd_output::recording::{RecordingConfig, RecordingSink};
use maskd_output::{OutputError, Sink};

use crate::common::decode::decode;
use crate::common::small_disk::{self, place};
use crate::support::{config, found, frames};

/// Runs the tests below with a directory that takes 4 MiB.
#[test]
fn a_full_disk_is_told_and_recovered_from() {
    small_disk::run_tests_on("4m", "small_disk", 2);
}

/// Writes until it fails.
fn fill(mut sink: RecordingSink) -> OutputError {
    let refused = frames("320x180", 5000).find_map(|frame| sink.write(&frame).err());
    let again = frames("320x180", 1).next().unwrap();
    assert!(matches!(sink.write(&again), Err(OutputError::Closed { .. })));
    refused.expect("the disk gets full")
}

fn check_recovery(config: &RecordingConfig) {
    let videos = || found(&config.directory, "test", "mp4");
    let error = RecordingSink::create(config.clone()).err().unwrap();
    assert!(matches!(error, OutputError::NoRoom { .. }) && error.is_disk_full(), "{error}");
    let kept = videos();
    assert!(kept.len() >= 2, "{kept:?}");
    let (last, earlier) = kept.split_last().unwrap();
    assert!(earlier.iter().all(|video| decode(video).len() == 50), "{kept:?}");
    // The last may have ended before its first second was on the disk.
    assert!(std::fs::metadata(last).unwrap().len() > 0, "{kept:?}");
    // Someone makes room.
    earlier.iter().for_each(|video| std::fs::remove_file(video).unwrap());
    let mut sink = RecordingSink::create(config.clone()).unwrap();
    frames("160x90", 20).for_each(|frame| sink.write(&frame).unwrap());
    sink.finish().unwrap();
    assert_eq!(decode(videos().iter().find(|video| !kept.contains(video) || *video == &kept[0]).unwrap()).len(), 20);
    std::fs::remove_dir_all(&config.directory).unwrap();
}

#[test]
#[ignore = "needs a small disk: a_full_disk_is_told_and_recovered_from makes one"]
fn small_disk_is_filled_to_the_brim() {
    let config = RecordingConfig { quality: 6, ..config(&place().join("brim")) };
    let error = fill(RecordingSink::create(config.clone()).unwrap());
    assert!(error.is_disk_full(), "{error}");
    check_recovery(&config);
}

#[test]
#[ignore = "needs a small disk: a_full_disk_is_told_and_recovered_from makes one"]
fn small_disk_is_left_its_reserve() {
    let reserve_bytes = 1 << 20;
    let config = RecordingConfig { quality: 8, reserve_bytes, ..config(&place().join("reserve")) };
    let error = fill(RecordingSink::create(config.clone()).unwrap());
    let OutputError::NoRoom { free, needed, .. } = error else { panic!("{error}") };
    // Sizes are looked at every second of video, which takes less than half of the reserve.
    assert!(needed == reserve_bytes && free > reserve_bytes / 4, "{free} of {needed} bytes left");
    check_recovery(&config);
}

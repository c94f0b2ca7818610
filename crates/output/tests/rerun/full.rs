//! A file system that is full, in a mount namespace of its own.

use maskd_output::rerun::{RerunConfig, RerunSink, RerunTarget};
use maskd_output::{OutputError, Sink};

use crate::common::small_disk;
use crate::scene::{check, frames};
use crate::seen::Seen;

#[test]
fn a_full_disk_is_told_and_spoils_nothing() {
    small_disk::run_tests_on("256k", "--exact full::fill", 1);
}

#[test]
#[ignore = "run by a_full_disk_is_told_and_spoils_nothing"]
fn fill() {
    let path = small_disk::place().join("full.rrd");
    let config = RerunConfig { flush: std::time::Duration::ZERO, ..RerunConfig::new(RerunTarget::File(path.clone())) };
    let frames = frames(60);
    let mut sink = RerunSink::create(&config).unwrap();
    let (written, error) =
        frames.iter().enumerate().find_map(|(i, frame)| Some((i, sink.write(frame).err()?))).unwrap();
    assert!(error.is_disk_full(), "{error}");
    assert!(matches!(sink.write(&frames[0]), Err(OutputError::Closed { .. })));
    sink.finish().unwrap();
    // The last frame may be there in part.
    let seen = Seen::read(&path);
    assert!(written > 3 && seen.times(&crate::scene::entity("/image"), "frame").len() >= written);
    drop(sink);
    // There is room again.
    std::fs::remove_file(&path).unwrap();
    let mut sink = RerunSink::create(&config).unwrap();
    frames[..8].iter().for_each(|frame| sink.write(frame).unwrap());
    check(&Seen::read(&path), &frames[..8]);
}

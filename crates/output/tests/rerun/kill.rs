//! A recording in a process of its own, which is killed.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use maskd_output::Sink;
use maskd_output::rerun::{RerunConfig, RerunSink, RerunTarget};

use crate::scene::{check, frames};
use crate::seen::Seen;

const PLACE: &str = "MASKD_TEST_KILLED_RERUN";
const COUNT: u64 = 30;

#[test]
#[ignore = "never ends by itself: what_was_flushed_outlives_a_kill runs and kills it"]
fn write_until_killed() {
    let path = std::env::var_os(PLACE).map(PathBuf::from).expect("run by what_was_flushed_outlives_a_kill");
    let config = RerunConfig { flush: Duration::ZERO, ..RerunConfig::new(RerunTarget::File(path)) };
    let mut sink = RerunSink::create(&config).unwrap();
    for frame in frames(COUNT) {
        sink.write(&frame).unwrap();
        println!("\nwrote {}", frame.frame.number);
    }
    loop {
        std::thread::park();
    }
}

#[test]
fn what_was_flushed_outlives_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("killed.rrd");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "kill::write_until_killed"])
        .env(PLACE, &path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let last = format!("wrote {}", COUNT - 1);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == last), "it ended early");
    child.kill().unwrap();
    child.wait().unwrap();
    let seen = Seen::read(&path);
    let mut expected = frames(COUNT);
    // The other process had its own clock.
    for (frame, time) in expected.iter_mut().zip(seen.times(&crate::scene::entity("/image"), "capture_time")) {
        frame.frame.stamp.capture.unix_ns = time as u64;
    }
    check(&seen, &expected);
}

//! A file system that is full, in a mount namespace of its own.

use std::path::PathBuf;
use std::process::Command;

use maskd_output::rerun::{RerunConfig, RerunSink, RerunTarget};
use maskd_output::{OutputError, Sink};

use crate::scene::{check, frames};
use crate::seen::Seen;

const PLACE: &str = "MASKD_TEST_FULL_RERUN";

#[test]
fn a_full_disk_is_told_and_spoils_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let mount = "mount -t tmpfs -o size=256k none \"$1\"";
    let unshared = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", script, "sh"]).arg(directory.path());
        command.arg(std::env::current_exe().unwrap()).env(PLACE, directory.path());
        command
    };
    if !unshared(mount).output().is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: a file system cannot be mounted here (root and unshare are needed)");
        return;
    }
    let script = format!("{mount} && exec \"$2\" --ignored --nocapture --exact full::fill");
    let output = unshared(&script).output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

#[test]
#[ignore = "run by a_full_disk_is_told_and_spoils_nothing"]
fn fill() {
    let place = std::env::var_os(PLACE).map(PathBuf::from).expect("run by a_full_disk_is_told_and_spoils_nothing");
    let path = place.join("full.rrd");
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

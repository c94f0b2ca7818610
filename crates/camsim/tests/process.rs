//! The program, and that nothing stays behind.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is not as it must be")]

mod common;

use std::process::Command;

use common::{PATIENCE, Viewer};
use maskd_camsim::CameraProcess;

fn camera(arguments: &[&str]) -> CameraProcess {
    CameraProcess::run(env!("CARGO_BIN_EXE_camsim").into(), arguments).unwrap()
}

#[test]
fn the_program_obeys() {
    let mut camera =
        camera(&["--seed", "3", "--size", "320x240", "--fps", "25", "--user", "me", "--password", "secret"]);
    let viewer = Viewer::open(camera.url(), "tcp");
    assert_eq!(viewer.next().size(), (320, 240));
    assert_eq!(camera.command("clients").unwrap(), "1");
    for line in ["freeze", "thaw", "jump 5000", "timestamps stuck", "timestamps good", "reports off", "codec h265"] {
        assert_eq!(camera.command(line).unwrap(), "", "{line}");
    }
    let from = camera.command("size 640x360").unwrap();
    let first: u64 = from.strip_prefix("from frame ").unwrap().parse().unwrap();
    let seen = viewer.next_where(|seen| seen.size() == (640, 360));
    assert!(seen.number().unwrap() >= first);
    assert!(camera.command("size 1x1").unwrap_err().to_string().contains("1x1"));
    assert!(camera.command("dance").unwrap_err().to_string().contains("dance"));
    camera.command("quit").unwrap();
    assert!(viewer.error_within(PATIENCE).is_some());
    assert!(camera.command("frames").is_err());
}

#[test]
fn a_paused_process_goes_on_and_a_killed_one_does_not() {
    let mut camera = camera(&["--pattern", "--size", "320x240"]);
    let viewer = Viewer::open(camera.url(), "tcp");
    viewer.next();
    camera.pause().unwrap();
    viewer.falls_silent();
    camera.resume().unwrap();
    viewer.next();
    camera.kill().unwrap();
    assert!(viewer.error_within(PATIENCE).is_some());
}

#[test]
fn another_crates_test_finds_the_program() {
    let camera = CameraProcess::start(&["--pattern"]).unwrap();
    assert!(camera.url().starts_with("rtsp://127.0.0.1:"));
}

#[test]
fn the_program_ends_with_its_input() {
    let output = Command::new(env!("CARGO_BIN_EXE_camsim")).arg("--pattern").output().unwrap();
    assert!(output.status.success());
    assert!(output.stdout.starts_with(b"rtsp://127.0.0.1:"));
    let refused = Command::new(env!("CARGO_BIN_EXE_camsim")).args(["--size", "7x7"]).output().unwrap();
    assert!(!refused.status.success());
    assert!(String::from_utf8(refused.stderr).unwrap().contains("7x7"));
}

#[test]
fn it_stays_if_asked_to() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_camsim"))
        .args(["--pattern", "--detached"])
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut output = std::io::BufReader::new(child.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut output, &mut line).unwrap();
    Viewer::open(line.trim(), "tcp").next();
    assert_eq!(child.try_wait().unwrap(), None);
    child.kill().unwrap();
    child.wait().unwrap();
}

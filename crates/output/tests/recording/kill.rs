//! A recording in a process of its own, which is killed.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use maskd_output::Sink;
use maskd_output::recording::{RecordingConfig, RecordingSink};
use maskd_output::video::Container;

use crate::common::decode::decode;
use crate::support::{config, found, frames};

const PLACE: &str = "MASKD_TEST_KILLED_RECORDING";

fn recording(directory: PathBuf) -> RecordingConfig {
    let container = if directory.ends_with("mkv") { Container::Mkv } else { Container::Mp4 };
    RecordingConfig { container, ndjson: true, ..config(&directory) }
}

#[test]
#[ignore = "never ends by itself: a_killed_recording_loses_its_last_moments runs and kills it"]
fn record_until_killed() {
    let directory =
        std::env::var_os(PLACE).map(PathBuf::from).expect("run by a_killed_recording_loses_its_last_moments");
    let mut sink = RecordingSink::create(recording(directory)).unwrap();
    for frame in frames("320x180", 100_000) {
        sink.write(&frame).unwrap();
        // Quicker than life, and slow enough to be killed at a chosen place.
        thread::sleep(Duration::from_millis(8));
    }
}

#[test]
fn a_killed_recording_loses_its_last_moments() {
    let place = tempfile::tempdir().unwrap();
    for container in Container::ALL {
        let directory = place.path().join(container.extension());
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "kill::record_until_killed"])
            .env(PLACE, &directory)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let lines = || -> Vec<usize> {
            let files = found(&directory, "test", "ndjson");
            files.iter().map(|path| std::fs::read_to_string(path).unwrap_or_default().lines().count()).collect()
        };
        let start = Instant::now();
        // Well into the third segment of 50 frames.
        while lines().get(2).is_none_or(|count| *count < 45) {
            assert!(start.elapsed() < Duration::from_secs(60), "the recording does not get on");
            thread::sleep(Duration::from_millis(5));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let videos = found(&directory, "test", container.extension());
        let shown: Vec<usize> = videos.iter().map(|video| decode(video).len()).collect();
        println!("{container:?}: {shown:?} frames of {:?}", lines());
        assert_eq!(shown[..2], [50, 50]);
        assert!(shown[2] >= 10, "{shown:?}");

        let mut sink = RecordingSink::create(recording(directory.clone())).unwrap();
        frames("320x180", 10).for_each(|frame| sink.write(&frame).unwrap());
        sink.finish().unwrap();
        assert_eq!(found(&directory, "test", container.extension()).len(), videos.len() + 1);
    }
}

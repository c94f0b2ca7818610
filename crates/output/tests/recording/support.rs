use std::path::{Path, PathBuf};
use std::time::Duration;

use maskd_output::recording::RecordingConfig;
use maskd_types::TrackedFrame;

use crate::common::scene;

/// Segments of two seconds, and no room kept for others.
pub fn config(directory: &Path) -> RecordingConfig {
    RecordingConfig {
        directory: directory.to_owned(),
        segment: Duration::from_secs(2),
        reserve_bytes: 0,
        ..RecordingConfig::default()
    }
}

/// Frames of a scene that goes on and on, 25 of them a second by their own time.
pub fn frames(size: &str, count: u64) -> impl Iterator<Item = TrackedFrame> {
    scene(&format!("scene://?frames={count}&size={size}&fps=25&objects=3")).map(at_its_time)
}

/// Every frame captured when its number says, from one moment on.
fn at_its_time(mut frame: TrackedFrame) -> TrackedFrame {
    frame.frame.stamp.capture.unix_ns = 1_795_380_903_123_000_000 + frame.frame.stamp.pts_ns;
    frame
}

/// Everything in a stream's directory that ends so, in order.
pub fn found(directory: &Path, stream: &str, ending: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory.join(stream)) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|found| found == ending)).collect();
    paths.sort();
    paths
}

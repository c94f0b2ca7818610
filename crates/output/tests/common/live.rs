//! What tests of outputs that run on their own need: waiting for things, notices, frames of several streams.

use std::sync::Arc;
use std::time::{Duration, Instant};

use maskd_types::{
    CaptureClock, CaptureTime, Notice, ObjectEvent, ObjectEventKind, ObjectId, SourceState, StreamStatus, TrackedFrame,
};

/// Machines that run tests may be busy with other things for this long.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until the condition holds.
pub fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A small frame with one object.
pub fn shot(stream: &str, number: u64) -> Arc<TrackedFrame> {
    shot_of(stream, number, [8, 6])
}

/// A frame of that size whose only object has a checked mask: as long in JSON as masks get.
pub fn shot_of(stream: &str, number: u64, [width, height]: [u32; 2]) -> Arc<TrackedFrame> {
    let checks = (0..width * height).map(|i| u8::from((i % width + i / width) % 2 == 0)).collect();
    let mask = maskd_types::BinaryMask::new(width, height, checks).unwrap();
    let object = super::with_mask(1, 0.9, maskd_types::Rle::encode(&mask));
    let mut tracked = super::tracked(super::frame(number, width, height), vec![object]);
    tracked.stream = stream.into();
    Arc::new(tracked)
}

pub fn status(stream: &str, state: SourceState) -> Notice {
    Notice::Status(StreamStatus {
        stream: stream.into(),
        state,
        reason: None,
        since: CaptureTime::now(),
        removed: false,
    })
}

/// What is told last of a stream that is taken out.
pub fn removed(stream: &str) -> Notice {
    let Notice::Status(status) = status(stream, SourceState::Ended) else { unreachable!("it was made a status") };
    Notice::Status(StreamStatus { removed: true, ..status })
}

pub fn event(stream: &str, kind: ObjectEventKind, frame: u64) -> Notice {
    Notice::Object(ObjectEvent {
        stream: stream.into(),
        object: ObjectId::FIRST,
        name: Some("cup".into()),
        kind,
        frame,
        capture: CaptureTime { unix_ns: 1_700_000_000_000_000_000, clock: CaptureClock::Camera },
    })
}

/// Memory that this process holds, in bytes.
pub fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap() * 1024
}

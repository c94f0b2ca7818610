//! A sink that is fed as a tracker feeds it: a frame every 40 ms, round and round.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use maskd_output::Sink;
use maskd_output::rtsp::{RtspConfig, RtspSink, RtspStats};
use maskd_types::TrackedFrame;

use crate::common::scene;

pub const STEP: Duration = Duration::from_millis(40);

pub fn config() -> RtspConfig {
    RtspConfig { port: 0, key_frame_interval: Duration::from_secs(1), ..RtspConfig::default() }
}

pub fn frames(size: &str) -> Vec<TrackedFrame> {
    scene(&format!("scene://?frames=25&size={size}&fps=25&objects=3")).collect()
}

/// Waits for a condition, for long enough on any machine.
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(30), "{what} never came");
        thread::sleep(Duration::from_millis(20));
    }
}

pub struct Show {
    pub url: String,
    pub stats: RtspStats,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Duration>>,
}

impl Show {
    pub fn start(config: RtspConfig, frames: Vec<TrackedFrame>) -> Self {
        Self::resume(RtspSink::create(config).unwrap(), frames)
    }

    pub fn resume(mut sink: RtspSink, frames: Vec<TrackedFrame>) -> Self {
        // A stream is there from its first frame on.
        sink.write(&frames[0]).unwrap();
        let url = format!("rtsp://{}{}", sink.address().unwrap(), RtspSink::path("test"));
        let (stats, stop) = (sink.stats(), Arc::new(AtomicBool::new(false)));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || feed(sink, &frames, &stopped));
        Self { url, stats, stop, thread: Some(thread) }
    }

    /// Ends it and tells how long the slowest write took.
    pub fn stop(mut self) -> Duration {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap()
    }
}

impl Drop for Show {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn feed(mut sink: RtspSink, frames: &[TrackedFrame], stop: &AtomicBool) -> Duration {
    let mut slowest = Duration::ZERO;
    for frame in frames.iter().cycle() {
        let start = Instant::now();
        sink.write(frame).unwrap();
        slowest = slowest.max(start.elapsed());
        if stop.load(Ordering::Relaxed) {
            break;
        }
        thread::sleep(STEP.saturating_sub(start.elapsed()));
    }
    slowest
}

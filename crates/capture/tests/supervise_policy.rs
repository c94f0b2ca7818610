//! When a source is tried again, by sources that fail on schedule.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is not as it must be")]

#[path = "common/watched.rs"]
mod watched;

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use maskd_capture::{CaptureError, CaptureOptions, Opener, Source, SupervisorConfig};
use maskd_types::SourceState::{Backoff, Connecting, Ended, Live};
use maskd_types::{Frame, SourceInfo, Stamp};
use watched::{Watched, quick};

/// Gives a frame every 10 ms for as long as it lives, then ends.
struct Mayfly {
    info: SourceInfo,
    end: Instant,
    live: bool,
}

impl Mayfly {
    fn boxed(life: Duration, live: bool) -> Box<dyn Source> {
        let name = "mayfly".to_owned();
        let info = SourceInfo { name, width: 1, height: 1, rate: None, frames: None, frames_estimate: None };
        Box::new(Self { info, end: Instant::now() + life, live })
    }
}

impl Source for Mayfly {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next_frame(&mut self) -> Result<Option<Frame>, CaptureError> {
        thread::sleep(Duration::from_millis(10));
        let frame =
            Frame { number: 0, stamp: Stamp::arriving(0), width: 1, height: 1, intact: true, rgb: Arc::from([0; 3]) };
        Ok((Instant::now() < self.end).then_some(frame))
    }

    fn is_live(&self) -> bool {
        self.live
    }
}

/// An opener that notes when it is called, and whose source lives for so long; 0 for one that cannot be opened.
fn noting(lives: impl Fn(usize) -> Duration + Send + 'static) -> (Opener, Arc<Mutex<Vec<Instant>>>) {
    let calls = Arc::new(Mutex::new(Vec::new()));
    let noted = calls.clone();
    let open = Box::new(move |_: &CaptureOptions| {
        let mut calls = noted.lock().unwrap();
        calls.push(Instant::now());
        match lives(calls.len() - 1) {
            Duration::ZERO => Err(CaptureError::NoFrames { name: "mayfly".to_owned() }),
            life => Ok(Mayfly::boxed(life, true)),
        }
    });
    (open, calls)
}

fn policy(first_ms: u64, longest_s: u64, healthy_after: Duration) -> SupervisorConfig {
    let (first_backoff, longest_backoff) = (Duration::from_millis(first_ms), Duration::from_secs(longest_s));
    SupervisorConfig { first_backoff, longest_backoff, healthy_after, ..quick() }
}

#[test]
fn pauses_grow_and_differ_and_a_healthy_time_makes_them_short_again() {
    const SICK: usize = 6;
    // The last of each round lives long enough, and longer than the longest pause before it.
    let lives = |call: usize| if call % (SICK + 1) == SICK { Duration::from_millis(800) } else { Duration::ZERO };
    let (open, calls) = noting(lives);
    let mut watched = Watched::start_with(open, policy(10, 30, Duration::from_millis(200)), |_| {});
    let rounds = 8;
    let enough = rounds * (SICK + 1) + 1;
    let seen = calls.clone();
    watched.until("attempts", move |_| seen.lock().unwrap().len() >= enough);
    let calls = calls.lock().unwrap().clone();
    let pauses: Vec<f64> = calls.windows(2).map(|pair| (pair[1] - pair[0]).as_secs_f64() * 1e3).collect();
    let of_step = |step: usize| pauses.iter().skip(step).step_by(SICK + 1).take(rounds).sum::<f64>() / rounds as f64;
    let means: Vec<f64> = (0..SICK).map(of_step).collect();
    println!("mean pauses {means:.0?} ms");
    // Expected are 10, 20, 40, 80, 160 and 320 ms at half: the first one of a round follows a healthy time.
    assert!(means[5] + means[4] > 3.0 * (means[0] + means[1]), "{means:?}");
    let longest: Vec<f64> = pauses.iter().skip(5).step_by(SICK + 1).copied().collect();
    let spread = longest.iter().copied().fold(f64::MIN, f64::max) - longest.iter().copied().fold(f64::MAX, f64::min);
    assert!(spread > 30.0, "pauses do not differ: {longest:?}");
    assert_eq!(watched.path()[..3], [Connecting, Backoff, Live]);
}

#[test]
fn a_camera_that_flaps_is_not_healthy() {
    let (open, calls) = noting(|_| Duration::from_millis(15));
    let mut watched = Watched::start_with(open, policy(20, 30, Duration::from_secs(60)), |_| {});
    watched.enter(Backoff);
    thread::sleep(Duration::from_secs(4));
    let attempts = calls.lock().unwrap().len();
    assert!((3..=20).contains(&attempts), "{attempts} attempts in 4 s");
}

#[test]
fn sources_of_others_work_too_and_end() {
    let open = Box::new(|_: &CaptureOptions| Ok(Mayfly::boxed(Duration::from_millis(100), false)));
    let mut watched = Watched::start_with(open, quick(), |_| {});
    watched.enter(Ended);
    watched.assert_order();
    assert_eq!(watched.path(), [Connecting, Live, Ended]);
    assert!(!watched.frames.is_empty());
}

#[test]
fn a_source_without_a_frame_is_not_repeated_in_a_tight_loop() {
    let calls = Arc::new(Mutex::new(0));
    let noted = calls.clone();
    let open = Box::new(move |_: &CaptureOptions| {
        *noted.lock().unwrap() += 1;
        Ok(Mayfly::boxed(Duration::ZERO, false))
    });
    let mut watched = Watched::start_with(open, SupervisorConfig { repeat: true, ..quick() }, |_| {});
    let status = watched.enter(Backoff);
    assert!(status.reason.is_some_and(|reason| reason.contains("no frames")));
    thread::sleep(Duration::from_secs(2));
    assert!(*calls.lock().unwrap() < 30);
}

//! Supervised files: played once or over and over, and those that can never be played.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is not as it must be")]

mod common;
#[path = "common/watched.rs"]
mod watched;

use std::fs;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use common::{Clip, folder, number};
use maskd_capture::SupervisorConfig;
use maskd_types::SourceState::{Backoff, Connecting, Ended, Live};
use watched::{Watched, opener, quick};

fn repeat() -> SupervisorConfig {
    SupervisorConfig { repeat: true, ..quick() }
}

#[test]
fn a_file_is_played_once_and_again_when_asked() {
    let folder = folder();
    let path = Clip::default().write(&folder.path().join("a.mp4"));
    let mut watched = Watched::start(path.to_str().unwrap(), quick());
    watched.enter(Ended);
    assert_eq!(watched.frames.len(), 30);
    watched.supervisor.restart();
    watched.enter(Ended);
    assert_eq!(watched.frames.len(), 60);
    watched.assert_order();
    assert_eq!(watched.path(), [Connecting, Live, Ended, Connecting, Live, Ended]);
    assert!(watched.states[2].reason.is_none() && !watched.supervisor.is_finished());
}

#[test]
fn a_file_that_repeats_goes_on_in_number_and_time_and_drops_nothing() {
    let folder = folder();
    let path = Clip::default().write(&folder.path().join("a.mp4"));
    let codes = Mutex::new(Vec::new());
    let codes = std::sync::Arc::new(codes);
    let noted = codes.clone();
    let slow = move |frame: &maskd_types::Frame| {
        noted.lock().unwrap().push(number(frame));
        thread::sleep(Duration::from_millis(5));
    };
    let mut watched = Watched::start_with(opener(path.to_str().unwrap()), repeat(), slow);
    watched.take(100);
    watched.assert_order();
    assert_eq!(codes.lock().unwrap()[..100], (0..100).map(|index| index % 30).collect::<Vec<_>>());
    let times: Vec<u64> = watched.frames.iter().map(|frame| frame.pts_ns / 1_000_000).collect();
    assert_eq!(times[..100], (0..100).map(|index| index * 40).collect::<Vec<u64>>());
    assert_eq!(watched.path(), [Connecting, Live]);
    let stats = watched.supervisor.stats();
    assert_eq!((stats.superseded, stats.reconnects, stats.damaged), (0, 0, 0));
}

#[test]
fn a_damaged_file_ends_with_the_reason_or_starts_again() {
    let folder = folder();
    let path = Clip { frames: 90, ..Clip::default() }.write(&folder.path().join("a.mp4"));
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() * 6 / 10]).unwrap();
    let mut watched = Watched::start(path.to_str().unwrap(), quick());
    let status = watched.enter(Ended);
    assert!(status.reason.is_some_and(|reason| reason.contains("damaged")));
    assert!(watched.frames.len() > 20);

    let mut watched = Watched::start(path.to_str().unwrap(), repeat());
    watched.enter(Backoff);
    watched.enter(Live);
    watched.take(5);
    watched.assert_order();
}

#[test]
fn what_can_never_work_ends_with_the_reason() {
    let folder = folder();
    let text = folder.path().join("a.mp4");
    fs::write(&text, "no video at all\n".repeat(100)).unwrap();
    for (input, word) in [("exec://rm", "exec"), (text.to_str().unwrap(), "not a video"), ("rtsp://", "address")] {
        let mut watched = Watched::start(input, repeat());
        let status = watched.enter(Ended);
        assert!(status.reason.as_ref().is_some_and(|reason| reason.contains(word)), "{status:?}");
        assert_eq!(watched.supervisor.stats().opens, 1);
    }
}

#[test]
fn what_is_not_there_yet_is_waited_for() {
    let folder = folder();
    let path = folder.path().join("a.mp4");
    let mut watched = Watched::start(path.to_str().unwrap(), quick());
    watched.enter(Backoff);
    let made = Clip::default().write(&folder.path().join("b.mp4"));
    fs::rename(made, &path).unwrap();
    watched.enter(Live);
    watched.enter(Ended);
    assert_eq!(watched.frames.len(), 30);
}

#[test]
fn a_stop_is_told_and_prompt_in_every_state() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let hangs = format!("rtsp://{}/live", listener.local_addr().unwrap());
    let policy = SupervisorConfig {
        first_backoff: Duration::from_secs(60),
        longest_backoff: Duration::from_secs(60),
        ..quick()
    };
    for (input, state) in [(hangs.as_str(), Connecting), ("/nowhere/a.mp4", Backoff), ("exec://rm", Ended)] {
        let mut watched = Watched::start(input, policy.clone());
        watched.enter(state);
        // Deep in the wait, not at its beginning.
        thread::sleep(Duration::from_millis(300));
        let begin = Instant::now();
        watched.supervisor.stop();
        if state != Ended {
            watched.enter(Ended);
        }
        drop(watched);
        assert!(begin.elapsed() < Duration::from_secs(1), "{state:?} took {:?}", begin.elapsed());
    }
}

//! Whether starting and stopping leaves anything behind. Alone in its process: it counts threads and descriptors.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is not as it must be")]

#[path = "common/watched.rs"]
mod watched;

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use maskd_camsim::{Camera, CameraConfig, Footage};
use maskd_types::SourceState::Live;
use watched::{Watched, quick};

fn count(what: &str) -> usize {
    fs::read_dir(format!("/proc/self/{what}")).unwrap().count()
}

/// Names of the threads and targets of the descriptors, for the message of a failure.
fn inventory() -> String {
    let threads = fs::read_dir("/proc/self/task").unwrap().flatten();
    let names = threads.filter_map(|task| fs::read_to_string(task.path().join("comm")).ok());
    let descriptors = fs::read_dir("/proc/self/fd").unwrap().flatten();
    let targets = descriptors.filter_map(|fd| fs::read_link(fd.path()).ok());
    let names: Vec<String> = names.map(|name| name.trim().to_owned()).collect();
    format!("{names:?}\n{:?}", targets.collect::<Vec<_>>())
}

#[test]
fn cycles_of_start_and_stop_leave_nothing_behind() {
    let config =
        CameraConfig { footage: Footage::Pattern, size: (320, 240), key_interval: 5, ..CameraConfig::default() };
    let camera = Camera::start(config).unwrap();
    // Stays connected, so that the camera itself changes nothing in between.
    let mut steady = Watched::start(&camera.url(), quick());
    steady.take(5);
    let cycle = |number: u64| {
        let mut watched = Watched::start(&camera.url(), quick());
        match number % 3 {
            0 => drop(watched.take(1)),
            1 => thread::sleep(Duration::from_millis(30 * (number % 10))),
            _ => {}
        }
        let begin = Instant::now();
        drop(watched);
        assert!(begin.elapsed() < Duration::from_secs(1), "stopping took {:?}", begin.elapsed());
    };
    // The first ones fill the pools of the libraries.
    (0..6).for_each(cycle);
    let before = (count("task"), count("fd"));
    (0..30).for_each(cycle);
    assert_settles("30 starts and stops", before);

    // The steady one has been opened once; each reset makes it be opened anew.
    let before = (count("task"), count("fd"));
    for _ in 0..20 {
        camera.reset().unwrap();
        steady.enter(Live);
        steady.take(1);
    }
    assert_settles("20 reconnects", before);
    steady.assert_order();
}

fn assert_settles(what: &str, before: (usize, usize)) {
    let after = settled(before);
    println!("{what}: threads and descriptors {before:?} before, {after:?} after");
    assert!(after.0 <= before.0 && after.1 <= before.1, "{what}: {before:?}, then {after:?}\n{}", inventory());
}

/// Threads and descriptors once they are no more than these, or after half a minute: GLib keeps idle threads for 15 s.
fn settled(most: (usize, usize)) -> (usize, usize) {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let counts = (count("task"), count("fd"));
        if (counts.0 <= most.0 && counts.1 <= most.1) || Instant::now() > end {
            return counts;
        }
        thread::sleep(Duration::from_millis(200));
    }
}

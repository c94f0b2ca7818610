//! That nothing stays behind. One test only: it counts what the whole process has.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is not as it must be")]

mod common;

use std::time::Duration;

use common::{Viewer, until};
use maskd_camsim::{Camera, CameraConfig, Footage, Proxy};

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Names of all threads.
fn threads() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    // A thread may end between the two looks.
    tasks.filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")).ok()).collect()
}

/// Everything that takes threads and descriptors.
fn live() {
    let config = CameraConfig { size: (320, 240), footage: Footage::Pattern, ..CameraConfig::default() };
    let mut camera = Camera::start(config).unwrap();
    let proxy = Proxy::rtsp(camera.address(), 1).unwrap();
    for protocols in ["tcp", "udp"] {
        let viewer = Viewer::open(&proxy.through(&camera.url()), protocols);
        viewer.next();
        camera.reset().unwrap();
        proxy.reset().unwrap();
    }
    let left_alone = Viewer::open(&camera.url(), "udp");
    left_alone.next();
    camera.stop().unwrap();
    camera.restart().unwrap();
    drop((Viewer::open(&camera.url(), "tcp").next(), left_alone));
    // Dropped while somebody plays.
    let last = Viewer::open(&proxy.through(&camera.url()), "tcp");
    last.next();
    drop(camera);
    drop(proxy);
    last.try_next(Duration::from_millis(10));
}

#[test]
fn neither_threads_nor_descriptors_stay() {
    live();
    until("own threads have ended", || !threads().iter().any(|name| name.starts_with("camsim")));
    // Whatever the libraries keep for good, they have by now.
    live();
    std::thread::sleep(Duration::from_secs(1));
    let (before, before_threads) = (descriptors(), threads().len());
    for _ in 0..4 {
        live();
    }
    assert!(!threads().iter().any(|name| name.starts_with("camsim")), "{:?}", threads());
    until("descriptors are given back", || descriptors() <= before);
    until("threads have ended", || threads().len() <= before_threads);
}

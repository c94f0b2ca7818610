//! What it takes to hand frames from capture to the tracker. `cargo bench -p maskd-daemon --bench inlet [-- FILTER]`.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made has failed")]

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion};
use maskd_tracker::StreamId;
use maskd_types::{Frame, Stamp};

use inlet::{Inlet, Taken};

// It is nobody's business outside the crate, and made public for nobody.
#[path = "../src/inlet/mod.rs"]
#[allow(dead_code, unused_imports, reason = "its tests and counters are not measured")]
mod inlet;

const PATIENCE: Duration = Duration::from_secs(20);

fn frame() -> Frame {
    let rgb = vec![96; 640 * 360 * 3].into();
    Frame { number: 0, stamp: Stamp::arriving(0), width: 640, height: 360, intact: true, rgb }
}

fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(30).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    group
}

fn take(inlet: &Inlet) -> usize {
    match inlet.take(PATIENCE) {
        Taken::Arrivals(arrivals) => arrivals.len(),
        Taken::Nothing | Taken::Closed => 0,
    }
}

/// A frame of every live stream in, and all of them out, with nobody in the way.
fn round_of_streams(criterion: &mut Criterion) {
    let mut group = group(criterion, "inlet/round/streams");
    for streams in [1, 4, 16] {
        group.bench_function(BenchmarkId::from_parameter(streams), |bencher| {
            let (inlet, frame) = (Inlet::default(), frame());
            (0..streams).for_each(|stream| inlet.open(StreamId(stream), true));
            bencher.iter(|| {
                (0..streams).for_each(|stream| inlet.put_frame(StreamId(stream), frame.clone()));
                assert_eq!(take(&inlet), streams as usize);
            });
        });
    }
}

/// A frame that takes the place of one that the tracker had no time for.
fn supersede(criterion: &mut Criterion) {
    let mut group = group(criterion, "inlet");
    group.bench_function("supersede", |bencher| {
        let (inlet, frame) = (Inlet::default(), frame());
        inlet.open(StreamId(0), true);
        bencher.iter(|| inlet.put_frame(StreamId(0), frame.clone()));
    });
}

/// From thread to thread, where each waits for the other: a file that is read as fast as it is tracked.
fn between_threads(criterion: &mut Criterion) {
    let mut group = group(criterion, "inlet");
    group.bench_function("between_threads", |bencher| {
        let (inlet, done) = (Inlet::default(), AtomicBool::new(false));
        inlet.open(StreamId(0), false);
        thread::scope(|scope| {
            let source = thread::Builder::new().name("source".into());
            let put = || {
                let frame = frame();
                while !done.load(Ordering::Relaxed) {
                    inlet.put_frame(StreamId(0), frame.clone());
                }
            };
            source.spawn_scoped(scope, put).unwrap();
            bencher.iter_custom(|frames| {
                let started = Instant::now();
                (0..frames).for_each(|_| assert_eq!(take(&inlet), 1));
                started.elapsed()
            });
            done.store(true, Ordering::Relaxed);
            inlet.shut();
        });
    });
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    round_of_streams(&mut criterion);
    supersede(&mut criterion);
    between_threads(&mut criterion);
    criterion.final_summary();
}

//! What it takes to hand a frame to a sink: for the tracker, which must never wait, and until the sink has it.
//! `cargo bench --bench hand_over [-- FILTER]`.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made has failed")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion};
use crossbeam_channel::{Receiver, Sender, bounded};
use maskd_output::outlet::{Outlet, OutletConfig, Policy, Stopped};
use maskd_output::{OutputError, Sink};
use maskd_types::{Frame, Latency, Stamp, TrackedFrame};

const POLICIES: [(&str, Policy); 2] = [("latest", Policy::Latest), ("drop_oldest", Policy::DropOldest)];

/// Says that it has a frame, and is busy with it until it may go on: for good once the other side is gone.
struct Gate {
    has: Sender<()>,
    go_on: Receiver<()>,
}

impl Sink for Gate {
    fn name(&self) -> &str {
        "gate"
    }

    fn write(&mut self, _: &TrackedFrame) -> Result<(), OutputError> {
        // Whoever is gone wants to know nothing, and keeps nobody.
        let _ = self.has.send(());
        let _ = self.go_on.recv();
        Ok(())
    }

    fn finish(&mut self) -> Result<(), OutputError> {
        Ok(())
    }
}

/// An outlet, the news that its sink has a frame, and the means to let it go on.
struct Bench {
    outlet: Outlet,
    has: Receiver<()>,
    go_on: Sender<()>,
}

impl Bench {
    fn start(policy: Policy) -> Self {
        let ((has, news), (go_on, wait)) = (bounded(1), bounded(1));
        let make = move || -> Result<Box<dyn Sink>, OutputError> {
            Ok(Box::new(Gate { has: has.clone(), go_on: wait.clone() }))
        };
        let outlet = Outlet::start(OutletConfig::new("bench", policy), Box::new(make), |_| {}).unwrap();
        Self { outlet, has: news, go_on }
    }

    fn stop(self) {
        drop((self.has, self.go_on));
        assert_eq!(self.outlet.stop(Instant::now() + Duration::from_secs(20)), Stopped::Drained);
    }
}

fn frame() -> Arc<TrackedFrame> {
    let rgb = vec![96; 640 * 360 * 3].into();
    let frame = Frame { number: 0, stamp: Stamp::arriving(0), width: 640, height: 360, intact: true, rgb };
    Arc::new(TrackedFrame { stream: "bench".into(), frame, objects: Vec::new(), latency: Latency::default() })
}

fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(30).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    group
}

/// To a sink that is stuck with its first frame, and whose queue is full: what a broken sink costs the tracker.
fn offer_to_a_stuck_sink(criterion: &mut Criterion) {
    let mut group = group(criterion, "outlet/offer_when_stuck");
    for (name, policy) in POLICIES {
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            let (bench, frame) = (Bench::start(policy), frame());
            bench.outlet.offer(frame.clone());
            bench.has.recv().unwrap();
            (0..100).for_each(|_| bench.outlet.offer(frame.clone()));
            bencher.iter(|| bench.outlet.offer(frame.clone()));
            bench.stop();
        });
    }
}

/// To a sink that waits for it, until the sink has it: the queue, and waking a thread.
fn offer_until_it_is_there(criterion: &mut Criterion) {
    let mut group = group(criterion, "outlet/until_sink_has_it");
    for (name, policy) in POLICIES {
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            let (bench, frame) = (Bench::start(policy), frame());
            bencher.iter(|| {
                bench.outlet.offer(frame.clone());
                bench.has.recv().unwrap();
                bench.go_on.send(()).unwrap();
            });
            bench.stop();
        });
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    offer_to_a_stuck_sink(&mut criterion);
    offer_until_it_is_there(&mut criterion);
    criterion.final_summary();
}

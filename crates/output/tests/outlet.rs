//! What happens around a sink that is slow, stuck or broken.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation is a failed test")]

mod common;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::live::{PATIENCE, event, shot, status, wait_for};
use maskd_output::outlet::{Outlet, OutletConfig, OutletState, Policy, Retry, Stopped};
use maskd_output::{OutputError, Sink};
use maskd_types::{Notice, ObjectEventKind, SourceState, TrackedFrame};

/// What a sink saw, in words.
type Seen = Arc<Mutex<Vec<String>>>;

/// Writes down what it sees. `gate`: it takes a frame only after a token has come; without senders it never waits.
struct Probe {
    seen: Seen,
    gate: Receiver<()>,
    fails: Arc<AtomicBool>,
    panics: bool,
}

impl Probe {
    fn check(&self) -> Result<(), OutputError> {
        assert!(!self.panics, "as this test wants it");
        if self.fails.load(Ordering::SeqCst) { Err(broken()) } else { Ok(()) }
    }
}

impl Sink for Probe {
    fn name(&self) -> &str {
        "probe"
    }

    fn write(&mut self, frame: &TrackedFrame) -> Result<(), OutputError> {
        self.seen.lock().unwrap().push(format!("{}{}", frame.stream, frame.frame.number));
        let _ = self.gate.recv();
        self.check()
    }

    fn notice(&mut self, notice: &Notice) -> Result<(), OutputError> {
        let word = match notice {
            Notice::Status(status) => format!("{} {}", status.stream, status.state.name()),
            Notice::Object(event) => format!("{} {:?} {}", event.stream, event.kind, event.frame),
        };
        self.seen.lock().unwrap().push(word);
        self.check()
    }

    fn idle(&mut self, _: Instant) -> Result<(), OutputError> {
        self.seen.lock().unwrap().push("idle".into());
        self.check()
    }

    fn finish(&mut self) -> Result<(), OutputError> {
        self.seen.lock().unwrap().push("finish".into());
        Ok(())
    }
}

fn broken() -> OutputError {
    OutputError::BrokerSilent { broker: "mqtt://nowhere".into(), seconds: 1 }
}

/// A probe behind an outlet, and the ends to handle it by.
struct Bench {
    outlet: Outlet,
    seen: Seen,
    gate: SyncSender<()>,
    fails: Arc<AtomicBool>,
    states: Arc<Mutex<Vec<OutletState>>>,
}

fn config(policy: Policy) -> OutletConfig {
    let retry = Retry { first: Duration::from_millis(20), longest: Duration::from_millis(100) };
    OutletConfig { capacity: 4, notice_capacity: 3, retry, ..OutletConfig::new("probe", policy) }
}

fn bench(config: OutletConfig) -> Bench {
    let (gate, tokens) = sync_channel(100_000);
    let mut first = Some(tokens);
    let (seen, fails, states) = (Seen::default(), Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
    let (watched, failing, told) = (seen.clone(), fails.clone(), states.clone());
    let make = move || -> Result<Box<dyn Sink>, OutputError> {
        if failing.load(Ordering::SeqCst) {
            return Err(broken());
        }
        let gate = first.take().unwrap_or_else(|| sync_channel(0).1);
        Ok(Box::new(Probe { seen: watched.clone(), gate, fails: failing.clone(), panics: false }))
    };
    let outlet = Outlet::start(config, Box::new(make), move |state| told.lock().unwrap().push(state.clone())).unwrap();
    Bench { outlet, seen, gate, fails, states }
}

impl Bench {
    /// Offers a frame and waits until the sink is stuck with it.
    fn stick(&self) {
        self.outlet.offer(shot("a", 0));
        wait_for("the sink has the first frame", || self.seen() == ["a0"]);
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().filter(|word| *word != "idle").cloned().collect()
    }

    /// Opens the gate for good and stops.
    fn finish(self) -> Vec<String> {
        let Self { outlet, seen, gate, .. } = self;
        drop(gate);
        assert_eq!(outlet.stop(Instant::now() + PATIENCE), Stopped::Drained);
        let seen = seen.lock().unwrap();
        seen.iter().filter(|word| *word != "idle").cloned().collect()
    }
}

#[test]
fn offering_takes_no_time_while_the_sink_hangs() {
    for policy in [Policy::Latest, Policy::DropOldest] {
        let bench = bench(config(policy));
        bench.stick();
        let frames: Vec<_> = (1..2001).map(|number| shot(["a", "b", "c"][number as usize % 3], number)).collect();
        let mut times: Vec<Duration> = frames
            .into_iter()
            .map(|frame| {
                let start = Instant::now();
                bench.outlet.offer(frame);
                bench.outlet.notice(event("a", ObjectEventKind::Update, 1));
                start.elapsed()
            })
            .collect();
        times.sort_unstable();
        // The very slowest may have been put aside by the system.
        println!("{policy:?}: median {:?}, 99 % {:?}, most {:?}", times[1000], times[1980], times[1999]);
        assert!(times[1980] < Duration::from_millis(1), "{:?}", times[1980]);
        let stats = bench.outlet.stats();
        assert!(stats.busy_since.unwrap().elapsed() < PATIENCE);
        assert!(stats.depth <= 4 && stats.notice_depth == 3, "{stats:?}");
        assert_eq!(stats.dropped_queue_full, 2000 - stats.depth as u64);
        assert_eq!(stats.notices_dropped, 2000 - 3);
    }
}

#[test]
fn of_each_stream_the_newest_frame_waits_and_streams_take_turns() {
    let bench = bench(config(Policy::Latest));
    bench.stick();
    for number in 1..=50 {
        if number % 10 == 1 {
            bench.outlet.offer(shot("slow", number));
        }
        bench.outlet.offer(shot("a", number));
    }
    assert_eq!(bench.outlet.stats().dropped_queue_full, 49 + 4);
    assert_eq!(bench.finish(), ["a0", "slow41", "a50", "finish"], "slow began to wait first");
}

#[test]
fn the_oldest_frames_go_first_where_all_count() {
    let bench = bench(config(Policy::DropOldest));
    bench.stick();
    (1..=10).for_each(|number| bench.outlet.offer(shot("a", number)));
    assert_eq!(bench.outlet.stats().dropped_queue_full, 6);
    assert_eq!(bench.finish(), ["a0", "a7", "a8", "a9", "a10", "finish"]);
}

#[test]
fn notices_keep_their_place_among_the_frames_of_their_stream() {
    let bench = bench(config(Policy::DropOldest));
    bench.stick();
    bench.outlet.offer(shot("a", 1));
    bench.outlet.notice(event("a", ObjectEventKind::Occluded, 1));
    bench.outlet.offer(shot("a", 2));
    bench.outlet.notice(event("b", ObjectEventKind::New, 7));
    bench.outlet.notice(status("a", SourceState::Stalled));
    let seen = bench.finish();
    let own: Vec<_> = seen.iter().filter(|word| word.starts_with('a')).collect();
    assert_eq!(own, ["a0", "a1", "a Occluded 1", "a2", "a stalled"]);
    assert!(seen.contains(&"b New 7".into()));
}

#[test]
fn the_oldest_notice_is_dropped_and_counted() {
    let bench = bench(config(Policy::Latest));
    bench.stick();
    (1..=5).for_each(|frame| bench.outlet.notice(event("a", ObjectEventKind::Update, frame)));
    assert_eq!(bench.outlet.stats().notices_dropped, 2);
    assert_eq!(bench.finish(), ["a0", "a Update 3", "a Update 4", "a Update 5", "finish"]);
}

#[test]
fn a_sink_that_fails_is_made_anew_and_told_what_it_missed() {
    let bench = bench(config(Policy::Latest));
    (0..100).for_each(|_| bench.gate.send(()).unwrap());
    bench.outlet.notice(status("a", SourceState::Connecting));
    bench.outlet.notice(status("b", SourceState::Live));
    bench.outlet.offer(shot("a", 0));
    wait_for("the first frame is written", || bench.outlet.stats().frames_written == 1);
    bench.fails.store(true, Ordering::SeqCst);
    bench.outlet.offer(shot("a", 1));
    wait_for("several attempts", || bench.outlet.stats().retries > 2);
    bench.outlet.offer(shot("a", 2));
    bench.outlet.notice(event("a", ObjectEventKind::Lost, 2));
    bench.outlet.notice(status("a", SourceState::Stalled));
    bench.outlet.notice(status("a", SourceState::Live));
    let stats = bench.outlet.stats();
    assert_eq!((stats.state.name(), stats.dropped_sink_down, stats.frames_written), ("failed", 1, 1));
    assert!(stats.errors > 2 && stats.last_success.is_some());
    bench.fails.store(false, Ordering::SeqCst);
    wait_for("it runs again", || bench.outlet.stats().state == OutletState::Running);
    bench.outlet.offer(shot("a", 3));
    wait_for("the last frame is written", || bench.outlet.stats().frames_written == 2);
    let states = bench.states.clone();
    let seen = bench.finish();
    assert_eq!(
        seen,
        ["a connecting", "b live", "a0", "a1", "b live", "a live", "a Lost 2", "a3", "finish"],
        "the last state of every stream, then what waited, then new frames"
    );
    let failed = OutletState::Failed(broken().to_string().into());
    let told = states.lock().unwrap().clone();
    assert_eq!(told, [OutletState::Running, failed, OutletState::Running, OutletState::Closed], "told once each");
}

#[test]
fn a_sink_that_panics_is_a_sink_that_fails() {
    let made = Arc::new(AtomicU64::new(0));
    let (seen, count) = (Seen::default(), made.clone());
    let watched = seen.clone();
    let make = move || -> Result<Box<dyn Sink>, OutputError> {
        let number = count.fetch_add(1, Ordering::SeqCst);
        assert!(number != 1, "the second attempt panics while it is made");
        let fails = Arc::new(AtomicBool::new(false));
        Ok(Box::new(Probe { seen: watched.clone(), gate: sync_channel(0).1, fails, panics: number == 0 }))
    };
    let outlet = Outlet::start(config(Policy::Latest), Box::new(make), |_| {}).unwrap();
    outlet.offer(shot("a", 0));
    wait_for("the third one runs", || made.load(Ordering::SeqCst) == 3 && outlet.stats().state == OutletState::Running);
    outlet.offer(shot("a", 1));
    wait_for("it writes", || outlet.stats().frames_written == 1);
    assert_eq!((outlet.stats().errors, outlet.stats().retries), (2, 2));
    assert_eq!(outlet.stop(Instant::now() + PATIENCE), Stopped::Drained);
}

#[test]
fn stopping_gives_a_stuck_sink_up() {
    let bench = bench(config(Policy::DropOldest));
    bench.stick();
    (1..=3).for_each(|number| bench.outlet.offer(shot("a", number)));
    let start = Instant::now();
    let stopped = bench.outlet.stop(start + Duration::from_millis(200));
    assert_eq!(stopped, Stopped::Stuck { left: 3 });
    assert!(start.elapsed() >= Duration::from_millis(200) && start.elapsed() < Duration::from_secs(10));
    // The thread that was left behind ends as soon as the sink lets it.
    drop(bench.gate);
    wait_for("the sink is finished after all", || {
        bench.seen.lock().unwrap().last().is_some_and(|word| word == "finish")
    });
    assert_eq!(*bench.states.lock().unwrap().first().unwrap(), OutletState::Running);
}

#[test]
fn a_closed_outlet_takes_nothing_more() {
    let bench = bench(config(Policy::Latest));
    bench.outlet.close();
    wait_for("it is closed", || bench.outlet.stats().state == OutletState::Closed);
    bench.outlet.offer(shot("a", 0));
    bench.outlet.notice(status("a", SourceState::Live));
    let stats = bench.outlet.stats();
    assert_eq!((stats.dropped_sink_down, stats.notices_dropped, stats.depth, stats.notice_depth), (1, 1, 0, 0));
}

#[test]
fn files_make_the_tracker_wait_but_not_for_ever() {
    let at_most = Duration::from_millis(100);
    let bench = bench(config(Policy::Block { at_most }));
    bench.stick();
    (1..=4).for_each(|number| bench.outlet.offer(shot("a", number)));
    let start = Instant::now();
    bench.outlet.offer(shot("a", 5));
    assert!(start.elapsed() >= at_most, "{:?}", start.elapsed());
    assert_eq!(bench.outlet.stats().dropped_queue_full, 1);
    (0..2).for_each(|_| bench.gate.send(()).unwrap());
    wait_for("there is room", || bench.outlet.stats().depth < 4);
    bench.outlet.offer(shot("a", 6));
    assert_eq!(
        bench.finish(),
        ["a0", "a1", "a2", "a3", "a4", "a6", "finish"],
        "the frame that came too late is missing"
    );
}

#[test]
fn a_sink_hears_about_once_a_second_that_nothing_comes() {
    let bench = bench(config(Policy::Latest));
    let start = Instant::now();
    let idle = || bench.seen.lock().unwrap().iter().filter(|word| *word == "idle").count();
    wait_for("two ticks", || idle() == 2);
    assert!(start.elapsed() >= Duration::from_millis(1900), "{:?}", start.elapsed());
    bench.fails.store(true, Ordering::SeqCst);
    wait_for("a failure in it counts", || bench.outlet.stats().errors > 0);
}

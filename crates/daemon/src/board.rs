//! What the tracker's thread writes down for others to read: progress, latencies, objects.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use maskd_tracker::{RingView, StreamId};
use maskd_types::TrackedFrame;
use prometheus_client::metrics::histogram::Histogram;

/// Upper edges in seconds, from a fast GPU to a slow CPU.
const BUCKETS: [f64; 14] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.035, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];

/// Shared between the tracker's thread and those who watch it.
pub(crate) struct Board {
    inner: Mutex<Inner>,
}

struct Inner {
    /// When the tracker's thread was last seen to be well.
    alive: Instant,
    /// Since when it has been busy with a step.
    step: Option<Instant>,
    streams: BTreeMap<StreamId, StreamFigures>,
}

/// Figures of one stream since it was added.
#[derive(Clone, Debug)]
pub struct StreamFigures {
    /// Frames tracked.
    pub frames: u64,
    /// Objects on the last frame.
    pub objects: usize,
    /// Events that said that an object was lost.
    pub lost: u64,
    /// Device memory in bytes that memory banks take.
    pub bank_bytes: u64,
    /// Frames that can still be prompted.
    pub ring: RingView,
    /// Age of frames when their masks were ready, since they arrived, in seconds.
    pub age: Histogram,
    /// Time in the image encoder, in seconds.
    pub encode: Histogram,
    /// Time in everything behind the encoder, of all streams together, in seconds.
    pub track: Histogram,
}

impl StreamFigures {
    fn new() -> Self {
        let histogram = || Histogram::new(BUCKETS);
        let (age, encode, track) = (histogram(), histogram(), histogram());
        Self { frames: 0, objects: 0, lost: 0, bank_bytes: 0, ring: RingView::default(), age, encode, track }
    }
}

/// How the tracker's thread is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pulse {
    /// How long ago it was last seen to be well.
    pub(crate) silent_for: Duration,
    /// How long it has been busy with one step; `None` between steps.
    pub(crate) busy_for: Option<Duration>,
}

impl Board {
    pub(crate) fn new() -> Self {
        Self { inner: Mutex::new(Inner { alive: Instant::now(), step: None, streams: BTreeMap::new() }) }
    }

    pub(crate) fn alive(&self) {
        self.lock().alive = Instant::now();
    }

    pub(crate) fn step_begins(&self) {
        self.lock().step = Some(Instant::now());
    }

    pub(crate) fn step_ends(&self) {
        let mut inner = self.lock();
        (inner.step, inner.alive) = (None, Instant::now());
    }

    pub(crate) fn tracked(&self, stream: StreamId, frame: &TrackedFrame, bank_bytes: u64, ring: RingView) {
        let mut inner = self.lock();
        let figures = inner.streams.entry(stream).or_insert_with(StreamFigures::new);
        figures.frames += 1;
        figures.objects = frame.objects.len();
        (figures.bank_bytes, figures.ring) = (bank_bytes, ring);
        figures.age.observe(frame.frame.stamp.arrived.elapsed().as_secs_f64());
        figures.encode.observe(frame.latency.encode / 1e3);
        figures.track.observe(frame.latency.track / 1e3);
    }

    /// Objects were lost.
    pub(crate) fn lost(&self, stream: StreamId, objects: u64) {
        self.lock().streams.entry(stream).or_insert_with(StreamFigures::new).lost += objects;
    }

    /// The tracks of a stream have ended.
    pub(crate) fn forgotten(&self, stream: StreamId) {
        if let Some(figures) = self.lock().streams.get_mut(&stream) {
            (figures.objects, figures.bank_bytes, figures.ring) = (0, 0, RingView::default());
        }
    }

    pub(crate) fn removed(&self, stream: StreamId) {
        self.lock().streams.remove(&stream);
    }

    pub(crate) fn figures(&self, stream: StreamId) -> StreamFigures {
        self.lock().streams.get(&stream).cloned().unwrap_or_else(StreamFigures::new)
    }

    pub(crate) fn pulse(&self) -> Pulse {
        let inner = self.lock();
        Pulse { silent_for: inner.alive.elapsed(), busy_for: inner.step.map(|since| since.elapsed()) }
    }

    /// Nothing panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

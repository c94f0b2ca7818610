//! Those who watch the daemon live: the newest frame of every stream, and what happens.
//!
//! Nobody here can hold anything up. A frame replaces the one before whether or not anybody has seen it; notices go into a ring whose
//! oldest are lost to those who do not keep up, which they are told.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use maskd_types::{Notice, StreamStatus, TrackedFrame};
use tokio::sync::{broadcast, watch};

/// Notices that somebody may be behind by.
const NOTICES: usize = 1024;

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Happening {
    /// To a source or to an object.
    Notice(Notice),
    /// The list of streams is another now.
    Streams,
}

/// The newest frame of a stream.
#[derive(Clone, Debug)]
pub struct Newest {
    /// The frame.
    pub frame: Arc<TrackedFrame>,
    /// Frames tracked per second of late.
    pub rate: f32,
}

/// `None` before the first frame.
pub type Latest = Option<Newest>;

/// How long "of late" is.
const OF_LATE: Duration = Duration::from_secs(2);

pub(crate) struct Audience {
    frames: Mutex<BTreeMap<String, Stage>>,
    happenings: broadcast::Sender<Happening>,
}

/// Where the frames of a stream are shown.
struct Stage {
    latest: watch::Sender<Latest>,
    shown: VecDeque<Instant>,
    /// Why its source is in the state it is in.
    reason: Option<Arc<str>>,
}

impl Stage {
    fn show(&mut self, frame: Arc<TrackedFrame>, now: Instant) {
        self.shown.push_back(now);
        while self.shown.front().is_some_and(|first| now.duration_since(*first) > OF_LATE) {
            self.shown.pop_front();
        }
        let span = self.shown.front().map_or(0.0, |first| now.duration_since(*first).as_secs_f32());
        let rate = if span > 0.0 { (self.shown.len() - 1) as f32 / span } else { 0.0 };
        self.latest.send_replace(Some(Newest { frame, rate }));
    }
}

impl Audience {
    pub(crate) fn new() -> Self {
        Self { frames: Mutex::default(), happenings: broadcast::Sender::new(NOTICES) }
    }

    pub(crate) fn add(&self, stream: &str) {
        let stage = Stage { latest: watch::Sender::new(None), shown: VecDeque::new(), reason: None };
        self.lock().insert(stream.to_owned(), stage);
        self.tell(Happening::Streams);
    }

    /// Whoever watches the stream learns that nothing comes any more.
    pub(crate) fn remove(&self, stream: &str) {
        self.lock().remove(stream);
        self.tell(Happening::Streams);
    }

    pub(crate) fn frame(&self, frame: Arc<TrackedFrame>) {
        if let Some(stage) = self.lock().get_mut(&*frame.stream) {
            stage.show(frame, Instant::now());
        }
    }

    pub(crate) fn tell(&self, happening: Happening) {
        if let Happening::Notice(Notice::Status(status)) = &happening {
            self.keep_reason(status);
        }
        // Without anybody who listens there is nothing to do.
        self.happenings.send(happening).ok();
    }

    /// Those who come later ask for it.
    fn keep_reason(&self, status: &StreamStatus) {
        if let Some(stage) = self.lock().get_mut(&*status.stream) {
            stage.reason.clone_from(&status.reason);
        }
    }

    pub(crate) fn reason(&self, stream: &str) -> Option<Arc<str>> {
        self.lock().get(stream)?.reason.clone()
    }

    pub(crate) fn watch(&self, stream: &str) -> Option<watch::Receiver<Latest>> {
        self.lock().get(stream).map(|stage| stage.latest.subscribe())
    }

    pub(crate) fn listen(&self) -> broadcast::Receiver<Happening> {
        self.happenings.subscribe()
    }

    /// Nothing panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Stage>> {
        self.frames.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

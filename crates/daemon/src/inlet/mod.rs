//! Where the frames of all streams wait for the tracker.
//!
//! Every stream has a lane of its own. A lane of a live stream holds one frame, the newest; a lane of a file makes its source
//! wait. The tracker takes one frame of every lane at a time: no stream can starve another, and no frame waits for longer than
//! one step takes.

mod lane;

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use maskd_tracker::StreamId;
use maskd_types::{Frame, StreamStatus};

use lane::Lane;

/// The lanes of all streams.
#[derive(Default)]
pub(crate) struct Inlet {
    lanes: Mutex<Lanes>,
    /// Something has come for the tracker.
    filled: Condvar,
    /// The tracker has taken something.
    emptied: Condvar,
}

#[derive(Default)]
struct Lanes {
    lanes: BTreeMap<StreamId, Lane>,
    door: Door,
}

/// What is let in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Door {
    #[default]
    Open,
    /// States only: sources that are stopping have yet to say so.
    Shut,
    /// Nothing.
    Locked,
}

/// What has come of one stream, in its order: states first, then at most one frame.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) stream: StreamId,
    pub(crate) statuses: Vec<StreamStatus>,
    pub(crate) frame: Option<Frame>,
}

/// What a look into the inlet gave.
#[derive(Debug)]
pub(crate) enum Taken {
    Arrivals(Vec<Arrival>),
    /// Nothing came in time.
    Nothing,
    /// Nothing is to come any more.
    Closed,
}

/// How full a lane is and what it has lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LaneStats {
    /// Frames that wait for the tracker.
    pub waiting: usize,
    /// Frames that were replaced by newer ones.
    pub superseded: u64,
}

impl Inlet {
    /// Adds a lane; `live` says that only the newest frame is wanted.
    pub(crate) fn open(&self, stream: StreamId, live: bool) {
        self.lock().lanes.insert(stream, Lane::new(live));
    }

    /// Takes a lane out with all that waits in it; its source is not kept waiting any longer.
    pub(crate) fn close(&self, stream: StreamId) {
        self.lock().lanes.remove(&stream);
        self.emptied.notify_all();
    }

    /// Lets no frames in any more, and keeps no source waiting; states still come in.
    pub(crate) fn shut(&self) {
        self.lock().door = Door::Shut;
        self.emptied.notify_all();
    }

    /// Lets nothing in any more: the tracker has the rest to take and is done.
    pub(crate) fn lock_up(&self) {
        self.lock().door = Door::Locked;
        self.filled.notify_all();
        self.emptied.notify_all();
    }

    /// Puts a frame into its lane; waits for room where the stream is not live. What comes for a lane that is gone is dropped.
    pub(crate) fn put_frame(&self, stream: StreamId, frame: Frame) {
        let mut lanes = self.lock();
        while lanes.door == Door::Open && lanes.lanes.get(&stream).is_some_and(Lane::must_wait) {
            lanes = self.emptied.wait(lanes).unwrap_or_else(PoisonError::into_inner);
        }
        if lanes.door == Door::Open
            && let Some(lane) = lanes.lanes.get_mut(&stream)
        {
            lane.put_frame(frame);
            self.filled.notify_all();
        }
    }

    /// Puts a state behind the frames that came before it.
    pub(crate) fn put_status(&self, stream: StreamId, status: StreamStatus) {
        let mut lanes = self.lock();
        if lanes.door != Door::Locked
            && let Some(lane) = lanes.lanes.get_mut(&stream)
        {
            lane.put_status(status);
            self.filled.notify_all();
        }
    }

    /// What waits in front of every lane; waits for it as long as it may.
    pub(crate) fn take(&self, patience: Duration) -> Taken {
        let deadline = Instant::now() + patience;
        let mut lanes = self.lock();
        loop {
            let arrivals: Vec<Arrival> = lanes.lanes.iter_mut().filter_map(|(id, lane)| lane.take(*id)).collect();
            if !arrivals.is_empty() {
                self.emptied.notify_all();
                return Taken::Arrivals(arrivals);
            }
            if lanes.door == Door::Locked {
                return Taken::Closed;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Taken::Nothing;
            }
            (lanes, _) = self.filled.wait_timeout(lanes, left).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(crate) fn stats(&self, stream: StreamId) -> LaneStats {
        self.lock().lanes.get(&stream).map(Lane::stats).unwrap_or_default()
    }

    /// Frames that wait in all lanes.
    pub(crate) fn waiting(&self) -> usize {
        self.lock().lanes.values().map(|lane| lane.stats().waiting).sum()
    }

    /// Nothing panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;

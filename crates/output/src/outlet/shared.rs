use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use maskd_types::{Notice, StreamStatus, TrackedFrame};

use super::queue::{Item, Queue};
use super::{OutletConfig, OutletState, OutletStats, Policy};

/// Streams whose last state is remembered; more come only where streams are added and removed for ever.
const REMEMBERED_STREAMS: usize = 256;

/// What the outlet's handle and its thread share. The lock is never held while a sink works.
pub(super) struct Shared {
    inner: Mutex<Inner>,
    /// Something came, or the outlet is being closed.
    work: Condvar,
    /// A place became free.
    room: Condvar,
    /// The thread has ended.
    ended: Condvar,
    policy: Policy,
}

struct Inner {
    queue: Queue,
    stats: OutletStats,
    states: VecDeque<StreamStatus>,
    closing: bool,
    ended: bool,
}

/// What the thread does next.
pub(super) enum Next {
    Item(Item),
    Idle,
    Finish,
}

impl Shared {
    pub(super) fn new(config: &OutletConfig) -> Self {
        let newest_only = config.policy == Policy::Latest;
        let inner = Inner {
            queue: Queue::new(config.capacity, config.notice_capacity, newest_only),
            stats: OutletStats::new(),
            states: VecDeque::new(),
            closing: false,
            ended: false,
        };
        Self {
            inner: Mutex::new(inner),
            work: Condvar::new(),
            room: Condvar::new(),
            ended: Condvar::new(),
            policy: config.policy,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // No code of a sink runs under the lock: what it guards is whole even if a thread panicked.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn offer(&self, frame: Arc<TrackedFrame>) {
        let mut inner = self.lock();
        if let Policy::Block { at_most } = self.policy {
            let no_room = |inner: &mut Inner| inner.takes_frames() && inner.queue.is_full();
            inner = self.room.wait_timeout_while(inner, at_most, no_room).unwrap_or_else(PoisonError::into_inner).0;
        }
        // Frees megabytes when it goes out of scope: after the lock.
        let dropped = inner.offer(frame, self.policy);
        drop(inner);
        self.work.notify_one();
        drop(dropped);
    }

    pub(super) fn notice(&self, notice: Notice) {
        self.lock().notice(notice);
        self.work.notify_one();
    }

    pub(super) fn stats(&self) -> OutletStats {
        let inner = self.lock();
        OutletStats { depth: inner.queue.frames(), notice_depth: inner.queue.notices(), ..inner.stats.clone() }
    }

    /// Begins to close: nothing more is taken, what waits is still written.
    pub(super) fn close(&self) {
        self.lock().closing = true;
        self.work.notify_all();
        self.room.notify_all();
    }

    /// Waits until the thread has ended; `false` if it has not by the deadline.
    pub(super) fn wait_for_end(&self, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        let wait = self.ended.wait_timeout_while(self.lock(), left, |inner| !inner.ended);
        wait.unwrap_or_else(PoisonError::into_inner).0.ended
    }

    /// Drops what still waits, so that a thread which was given up has nothing left to do when it comes back.
    pub(super) fn abandon(&self) -> usize {
        let mut inner = self.lock();
        let (frames, notices) = inner.discard();
        drop(inner);
        frames.len() + notices
    }

    /// Waits for something to do; [`Next::Idle`] where nothing came for `patience`.
    pub(super) fn next(&self, patience: Duration) -> Next {
        let inner = self.lock();
        let nothing = |inner: &mut Inner| !inner.closing && inner.queue.frames() + inner.queue.notices() == 0;
        let wait = self.work.wait_timeout_while(inner, patience, nothing);
        let mut inner = wait.unwrap_or_else(PoisonError::into_inner).0;
        let next = match inner.queue.pop() {
            Some(item) => Next::Item(item),
            None if inner.closing => Next::Finish,
            None => Next::Idle,
        };
        inner.stats.busy_since = Some(Instant::now());
        drop(inner);
        self.room.notify_one();
        next
    }

    pub(super) fn frame_written(&self) {
        self.succeeded(|stats| stats.frames_written += 1);
    }

    pub(super) fn notice_written(&self) {
        self.succeeded(|stats| stats.notices_written += 1);
    }

    fn succeeded(&self, count: impl FnOnce(&mut OutletStats)) {
        let stats = &mut self.lock().stats;
        count(stats);
        stats.last_success = Some(Instant::now());
        stats.busy_since = None;
    }

    pub(super) fn rested(&self) {
        self.lock().stats.busy_since = None;
    }

    pub(super) fn attempting(&self, again: bool) {
        let stats = &mut self.lock().stats;
        stats.retries += u64::from(again);
        stats.busy_since = Some(Instant::now());
    }

    /// The sink has been made. `again`: it must be told what its forerunner knew.
    pub(super) fn running(&self, again: bool) {
        let mut inner = self.lock();
        inner.stats.state = OutletState::Running;
        inner.stats.busy_since = None;
        if again {
            let states = std::mem::take(&mut inner.states);
            inner.queue.replay(states.iter().cloned());
            inner.states = states;
        }
    }

    /// The sink failed; frames that wait go with it.
    pub(super) fn failed(&self, reason: Arc<str>) {
        let mut inner = self.lock();
        inner.stats.state = OutletState::Failed(reason);
        inner.stats.errors += 1;
        inner.stats.busy_since = None;
        let frames = inner.queue.take_frames();
        inner.stats.dropped_sink_down += frames.len() as u64;
        drop(inner);
        self.room.notify_all();
    }

    /// Waits out a pause; `false` where the outlet is being closed.
    pub(super) fn pause(&self, pause: Duration) -> bool {
        let wait = self.work.wait_timeout_while(self.lock(), pause, |inner| !inner.closing);
        !wait.unwrap_or_else(PoisonError::into_inner).0.closing
    }

    /// The thread ends. `finished`: not so where the sink could not be finished.
    pub(super) fn end(&self, finished: bool) {
        let mut inner = self.lock();
        inner.closing = true;
        inner.ended = true;
        inner.stats.errors += u64::from(!finished);
        inner.stats.state = OutletState::Closed;
        inner.stats.busy_since = None;
        let left = inner.discard();
        drop(inner);
        drop(left);
        self.ended.notify_all();
        self.room.notify_all();
    }
}

impl Inner {
    fn takes_frames(&self) -> bool {
        !self.closing && matches!(self.stats.state, OutletState::Starting | OutletState::Running)
    }

    /// Puts the frame into the queue, or not; hands back whatever is dropped.
    fn offer(&mut self, frame: Arc<TrackedFrame>, policy: Policy) -> Option<Arc<TrackedFrame>> {
        if !self.takes_frames() {
            self.stats.dropped_sink_down += 1;
            return Some(frame);
        }
        let dropped = if matches!(policy, Policy::Block { .. }) && self.queue.is_full() {
            Some(frame)
        } else {
            self.queue.push_frame(frame)
        };
        self.stats.dropped_queue_full += u64::from(dropped.is_some());
        dropped
    }

    fn notice(&mut self, notice: Notice) {
        if let Notice::Status(status) = &notice {
            self.remember(status.clone());
            if matches!(self.stats.state, OutletState::Failed(_)) {
                // The next sink is told the last state of each stream anyway.
                return;
            }
        }
        let dropped = self.closing || self.queue.push_notice(notice);
        self.stats.notices_dropped += u64::from(dropped);
    }

    fn remember(&mut self, status: StreamStatus) {
        self.states.retain(|known| known.stream != status.stream);
        if self.states.len() >= REMEMBERED_STREAMS {
            self.states.pop_front();
        }
        self.states.push_back(status);
    }

    fn discard(&mut self) -> (Vec<Arc<TrackedFrame>>, usize) {
        let (frames, notices) = (self.queue.take_frames(), self.queue.clear_notices());
        self.stats.dropped_sink_down += frames.len() as u64;
        self.stats.notices_dropped += notices as u64;
        (frames, notices)
    }
}

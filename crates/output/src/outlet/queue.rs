use std::collections::VecDeque;
use std::sync::Arc;

use maskd_types::{Notice, StreamStatus, TrackedFrame};

/// What a sink is given next.
pub(super) enum Item {
    Frame(Arc<TrackedFrame>),
    Notice(Notice),
}

/// Something that waits, and when it came: order is counted, not timed.
struct Waiting<T> {
    came: u64,
    what: T,
}

/// Frames and notices that wait for a sink. A notice never passes, nor is passed by, a frame of its own stream.
pub(super) struct Queue {
    frames: VecDeque<Waiting<Arc<TrackedFrame>>>,
    notices: VecDeque<Waiting<Notice>>,
    frame_capacity: usize,
    notice_capacity: usize,
    newest_only: bool,
    came: u64,
}

impl Queue {
    pub(super) fn new(frame_capacity: usize, notice_capacity: usize, newest_only: bool) -> Self {
        Self {
            frames: VecDeque::new(),
            notices: VecDeque::new(),
            frame_capacity: frame_capacity.max(1),
            notice_capacity: notice_capacity.max(1),
            newest_only,
            came: 0,
        }
    }

    pub(super) fn frames(&self) -> usize {
        self.frames.len()
    }

    pub(super) fn notices(&self) -> usize {
        self.notices.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.frames.len() >= self.frame_capacity
    }

    /// Adds a frame and hands back the one that had to go for it.
    pub(super) fn push_frame(&mut self, frame: Arc<TrackedFrame>) -> Option<Arc<TrackedFrame>> {
        let came = self.next_number();
        if self.newest_only
            && let Some(place) = self.frames.iter_mut().find(|waiting| waiting.what.stream == frame.stream)
        {
            // In the older one's place: a stream that is fast must not wait longer than one that is slow.
            place.came = came;
            return Some(std::mem::replace(&mut place.what, frame));
        }
        let dropped = if self.is_full() { self.frames.pop_front() } else { None };
        self.frames.push_back(Waiting { came, what: frame });
        dropped.map(|waiting| waiting.what)
    }

    /// Adds a notice; `true` where the oldest had to go for it.
    pub(super) fn push_notice(&mut self, notice: Notice) -> bool {
        let came = self.next_number();
        let full = self.notices.len() >= self.notice_capacity;
        if full {
            self.notices.pop_front();
        }
        self.notices.push_back(Waiting { came, what: notice });
        full
    }

    /// Takes what is due.
    pub(super) fn pop(&mut self) -> Option<Item> {
        if let Some(index) = self.notices.iter().position(|notice| self.is_due(notice)) {
            return self.notices.remove(index).map(|waiting| Item::Notice(waiting.what));
        }
        self.frames.pop_front().map(|waiting| Item::Frame(waiting.what))
    }

    /// A notice is due once no frame of its stream waits that came before it.
    fn is_due(&self, notice: &Waiting<Notice>) -> bool {
        let stream = notice.what.stream();
        !self.frames.iter().any(|frame| frame.came < notice.came && frame.what.stream == *stream)
    }

    /// Takes all frames away.
    pub(super) fn take_frames(&mut self) -> Vec<Arc<TrackedFrame>> {
        self.frames.drain(..).map(|waiting| waiting.what).collect()
    }

    /// Takes all notices away and says how many they were.
    pub(super) fn clear_notices(&mut self) -> usize {
        self.notices.drain(..).count()
    }

    /// Puts these states before everything else, in place of those that wait.
    pub(super) fn replay(&mut self, states: impl DoubleEndedIterator<Item = StreamStatus>) {
        self.notices.retain(|waiting| matches!(waiting.what, Notice::Object(_)));
        for status in states.rev() {
            self.notices.push_front(Waiting { came: 0, what: Notice::Status(status) });
        }
    }

    fn next_number(&mut self) -> u64 {
        self.came += 1;
        self.came
    }
}

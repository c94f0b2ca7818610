use std::collections::VecDeque;

use maskd_tracker::StreamId;
use maskd_types::{Frame, StreamStatus};

use super::{Arrival, LaneStats};

/// States that may wait; of more the oldest is forgotten, since only the last ones matter by then.
const STATUSES: usize = 16;

/// What waits of one stream.
#[derive(Debug)]
pub(super) struct Lane {
    live: bool,
    waiting: VecDeque<Item>,
    superseded: u64,
}

#[derive(Debug)]
enum Item {
    Frame(Frame),
    Status(StreamStatus),
}

impl Lane {
    pub(super) fn new(live: bool) -> Self {
        Self { live, waiting: VecDeque::new(), superseded: 0 }
    }

    /// Whether a further frame has to wait outside.
    pub(super) fn must_wait(&self) -> bool {
        !self.live && self.frames() > 0
    }

    pub(super) fn put_frame(&mut self, frame: Frame) {
        if self.live {
            let before = self.waiting.len();
            self.waiting.retain(|item| matches!(item, Item::Status(_)));
            self.superseded += (before - self.waiting.len()) as u64;
        }
        self.waiting.push_back(Item::Frame(frame));
    }

    pub(super) fn put_status(&mut self, status: StreamStatus) {
        if self.waiting.len() - self.frames() >= STATUSES
            && let Some(oldest) = self.waiting.iter().position(|item| matches!(item, Item::Status(_)))
        {
            self.waiting.remove(oldest);
        }
        self.waiting.push_back(Item::Status(status));
    }

    /// The states in front of the next frame, and that frame.
    pub(super) fn take(&mut self, stream: StreamId) -> Option<Arrival> {
        let mut arrival = Arrival { stream, statuses: Vec::new(), frame: None };
        while arrival.frame.is_none() {
            match self.waiting.pop_front() {
                Some(Item::Frame(frame)) => arrival.frame = Some(frame),
                Some(Item::Status(status)) => arrival.statuses.push(status),
                None => break,
            }
        }
        (arrival.frame.is_some() || !arrival.statuses.is_empty()).then_some(arrival)
    }

    pub(super) fn stats(&self) -> LaneStats {
        LaneStats { waiting: self.frames(), superseded: self.superseded }
    }

    fn frames(&self) -> usize {
        self.waiting.iter().filter(|item| matches!(item, Item::Frame(_))).count()
    }
}

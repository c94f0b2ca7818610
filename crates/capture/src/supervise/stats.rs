use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use maskd_types::{Frame, SourceState};

use crate::SourceCounts;

/// What a supervised source has done since it was started; all counts go on over reconnects and only ever rise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SupervisorStats {
    /// Where the source stands.
    pub state: SourceState,
    /// Since when.
    pub since: Instant,
    /// Frames that came out of the decoder.
    pub decoded: u64,
    /// Frames that were handed over.
    pub delivered: u64,
    /// Frames of a live source that a newer one replaced before they could be handed over: `decoded - delivered`, less
    /// the one that may be waiting.
    pub superseded: u64,
    /// Frames that were handed over as damaged (`intact: false`).
    pub damaged: u64,
    /// RTP packets that never came, came too late, or waited too long for a decoder that is too slow.
    pub packets_lost: u64,
    /// How often the source was opened, or tried to be.
    pub opens: u64,
    /// How often frames came again after a failure.
    pub reconnects: u64,
    /// How often the source went silent without an error.
    pub stalls: u64,
}

/// The counts as the source's thread keeps them.
pub(super) struct Ledger {
    stats: Mutex<SupervisorStats>,
}

impl Ledger {
    pub(super) fn new() -> Self {
        let stats = SupervisorStats {
            state: SourceState::Connecting,
            since: Instant::now(),
            decoded: 0,
            delivered: 0,
            superseded: 0,
            damaged: 0,
            packets_lost: 0,
            opens: 0,
            reconnects: 0,
            stalls: 0,
        };
        Self { stats: Mutex::new(stats) }
    }

    pub(super) fn read(&self) -> SupervisorStats {
        *self.lock()
    }

    pub(super) fn opened(&self) {
        self.lock().opens += 1;
    }

    pub(super) fn entered(&self, state: SourceState) {
        let mut stats = self.lock();
        stats.stalls += u64::from(state == SourceState::Stalled);
        (stats.state, stats.since) = (state, Instant::now());
    }

    pub(super) fn reconnected(&self) {
        self.lock().reconnects += 1;
    }

    /// Counts a frame that is about to be handed over.
    pub(super) fn delivered(&self, frame: &Frame) {
        let mut stats = self.lock();
        stats.decoded += 1;
        stats.delivered += 1;
        stats.damaged += u64::from(!frame.intact);
    }

    /// Counts what has been lost between two looks at the same source.
    pub(super) fn lost(&self, before: SourceCounts, now: SourceCounts) {
        let superseded = now.superseded.saturating_sub(before.superseded);
        let mut stats = self.lock();
        stats.superseded += superseded;
        stats.decoded += superseded;
        stats.packets_lost += now.packets_lost.saturating_sub(before.packets_lost);
    }

    /// Nothing panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, SupervisorStats> {
        self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

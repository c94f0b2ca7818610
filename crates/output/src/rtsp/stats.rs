use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What the server counts; clones show the same numbers.
#[derive(Clone, Debug, Default)]
pub struct RtspStats(Arc<Counters>);

#[derive(Debug, Default)]
pub(super) struct Counters {
    encoders: AtomicU64,
    dropped: AtomicU64,
}

impl RtspStats {
    /// Encoders that run now: one per mount that somebody watches.
    pub fn encoders(&self) -> u64 {
        self.0.encoders.load(Ordering::Relaxed)
    }

    /// Pictures that were dropped because an encoder was busy, since the start.
    pub fn dropped(&self) -> u64 {
        self.0.dropped.load(Ordering::Relaxed)
    }

    pub(super) fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.0)
    }
}

impl Counters {
    pub(super) fn dropped_one(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn encoder_started(&self) {
        self.encoders.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn encoder_stopped(&self) {
        self.encoders.fetch_sub(1, Ordering::Relaxed);
    }
}

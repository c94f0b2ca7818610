use std::sync::atomic::{AtomicU64, Ordering};

/// What happened to the readers of a socket, counted over all sinks that share this.
#[derive(Debug, Default)]
pub struct ReaderCounts {
    connected: AtomicU64,
    accepted: AtomicU64,
    refused: AtomicU64,
    stuck: AtomicU64,
    lines_dropped: AtomicU64,
}

impl ReaderCounts {
    /// Readers connected now.
    pub fn connected(&self) -> u64 {
        self.connected.load(Ordering::Relaxed)
    }

    /// Readers that ever connected and were let in.
    pub fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// Readers turned away because there were too many.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Readers disconnected because they did not read.
    pub fn stuck(&self) -> u64 {
        self.stuck.load(Ordering::Relaxed)
    }

    /// Lines dropped because a reader's queue was full.
    pub fn lines_dropped(&self) -> u64 {
        self.lines_dropped.load(Ordering::Relaxed)
    }

    pub(super) fn came(&self) {
        self.connected.fetch_add(1, Ordering::Relaxed);
        self.accepted.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn went(&self) {
        self.connected.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn turned_away(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn did_not_read(&self) {
        self.stuck.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn missed_a_line(&self) {
        self.lines_dropped.fetch_add(1, Ordering::Relaxed);
    }
}

use std::time::Duration;

/// How a sink's thread and queue behave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutletConfig {
    /// What messages and metrics call it, and the thread too.
    pub name: String,
    /// Frames that may wait, at least 1.
    pub capacity: usize,
    /// Notices that may wait beside the frames, at least 1; of more, the oldest is dropped.
    pub notice_capacity: usize,
    /// What happens to frames when the sink is slower than they come.
    pub policy: Policy,
    /// When a failed sink is made anew.
    pub retry: Retry,
}

impl OutletConfig {
    /// The usual numbers for a policy: 64 frames, 256 notices, pauses from 0.5 s to 30 s.
    pub fn new(name: impl Into<String>, policy: Policy) -> Self {
        Self { name: name.into(), capacity: 64, notice_capacity: 256, policy, retry: Retry::default() }
    }
}

/// What happens to frames when the sink is slower than they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Of each stream only the newest frame waits; streams take turns.
    Latest,
    /// The frame that has waited longest is dropped.
    DropOldest,
    /// Whoever offers waits for room, for files of a recording that must not miss a frame.
    Block {
        /// How long at most; then the offered frame is dropped.
        at_most: Duration,
    },
}

/// Pauses between attempts to make a failed sink anew. Each is twice the one before, less up to half of it by chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// The first pause.
    pub first: Duration,
    /// No pause is longer. A sink that worked for this long starts over with the first.
    pub longest: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { first: Duration::from_millis(500), longest: Duration::from_secs(30) }
    }
}

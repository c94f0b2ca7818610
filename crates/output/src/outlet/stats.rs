use std::sync::Arc;
use std::time::Instant;

/// Where an outlet stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutletState {
    /// The sink is being made for the first time.
    Starting,
    /// The sink takes what comes.
    Running,
    /// The sink failed and is made anew after a pause.
    Failed(Arc<str>),
    /// Nothing more is taken.
    Closed,
}

impl OutletState {
    /// The word that messages and metrics use.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Failed(_) => "failed",
            Self::Closed => "closed",
        }
    }
}

/// What an outlet has done, and what waits in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutletStats {
    /// Where it stands.
    pub state: OutletState,
    /// Frames that the sink took.
    pub frames_written: u64,
    /// Notices that the sink took, repeated ones included.
    pub notices_written: u64,
    /// Frames dropped because the sink was too slow; with [`super::Policy::Latest`] those that a newer one replaced.
    pub dropped_queue_full: u64,
    /// Frames dropped because there was no working sink, or because the outlet was closed.
    pub dropped_sink_down: u64,
    /// Notices dropped, for either reason.
    pub notices_dropped: u64,
    /// Failures of the sink, in making it and in using it.
    pub errors: u64,
    /// Attempts to make it anew.
    pub retries: u64,
    /// Frames that wait.
    pub depth: usize,
    /// Notices that wait.
    pub notice_depth: usize,
    /// When the sink last took something.
    pub last_success: Option<Instant>,
    /// Since when the sink has been busy with one thing; `None` while it waits for work.
    pub busy_since: Option<Instant>,
}

impl OutletStats {
    pub(super) fn new() -> Self {
        Self {
            state: OutletState::Starting,
            frames_written: 0,
            notices_written: 0,
            dropped_queue_full: 0,
            dropped_sink_down: 0,
            notices_dropped: 0,
            errors: 0,
            retries: 0,
            depth: 0,
            notice_depth: 0,
            last_success: None,
            busy_since: None,
        }
    }
}

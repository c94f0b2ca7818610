//! What can be seen of the running daemon from outside of its threads.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use maskd_capture::{Supervisor, SupervisorStats};
use maskd_output::outlet::OutletStats;
use maskd_tracker::StreamId;

use crate::board::{Board, StreamFigures};
use crate::inlet::{Inlet, LaneStats};
use crate::outlets::Outlets;

/// A step may take this long before the daemon counts as stuck: the largest network on a small CPU needs seconds per frame.
const STUCK_AFTER: Duration = Duration::from_secs(120);

/// Everything that routes of the HTTP server need.
pub(crate) struct View {
    pub(crate) started: Instant,
    pub(crate) device: String,
    pub(crate) board: Arc<Board>,
    pub(crate) inlet: Arc<Inlet>,
    pub(crate) outlets: Arc<Outlets>,
    sources: Mutex<BTreeMap<String, (StreamId, Arc<Supervisor>)>>,
}

/// A stream at a moment.
pub(crate) struct StreamView {
    pub(crate) name: String,
    pub(crate) source: SupervisorStats,
    pub(crate) lane: LaneStats,
    pub(crate) figures: StreamFigures,
}

/// A sink at a moment.
pub(crate) struct SinkView {
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) stats: OutletStats,
}

impl View {
    pub(crate) fn new(device: String, board: Arc<Board>, inlet: Arc<Inlet>, outlets: Arc<Outlets>) -> Self {
        Self { started: Instant::now(), device, board, inlet, outlets, sources: Mutex::default() }
    }

    pub(crate) fn add(&self, name: &str, id: StreamId, supervisor: Supervisor) {
        self.lock().insert(name.to_owned(), (id, Arc::new(supervisor)));
    }

    pub(crate) fn remove(&self, name: &str) -> Option<(StreamId, Arc<Supervisor>)> {
        self.lock().remove(name)
    }

    /// Takes all sources out, to be stopped.
    pub(crate) fn remove_all(&self) -> Vec<Arc<Supervisor>> {
        std::mem::take(&mut *self.lock()).into_values().map(|(_, supervisor)| supervisor).collect()
    }

    pub(crate) fn streams(&self) -> Vec<StreamView> {
        let view = |(name, (id, supervisor)): (&String, &(StreamId, Arc<Supervisor>))| StreamView {
            name: name.clone(),
            source: supervisor.stats(),
            lane: self.inlet.stats(*id),
            figures: self.board.figures(*id),
        };
        self.lock().iter().map(view).collect()
    }

    pub(crate) fn sinks(&self) -> Vec<SinkView> {
        let sinks = self.outlets.stats().into_iter();
        sinks.map(|(name, kind, stats)| SinkView { name, kind, stats }).collect()
    }

    /// Whether frames go through the tracker, or could. This is what the service manager's watchdog is fed by.
    pub(crate) fn is_well(&self) -> bool {
        let pulse = self.board.pulse();
        pulse.busy_for.unwrap_or(pulse.silent_for) < STUCK_AFTER
    }

    /// Nothing panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, (StreamId, Arc<Supervisor>)>> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View").field("device", &self.device).finish_non_exhaustive()
    }
}

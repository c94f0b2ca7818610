//! What can be seen of the running daemon from outside of its threads.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use maskd_capture::{Supervisor, SupervisorStats};
use maskd_config::StreamConfig;
use maskd_output::outlet::OutletStats;
use maskd_tracker::StreamId;

use crate::board::{Board, StreamFigures};
use crate::inlet::{Inlet, LaneStats};
use crate::outlets::Outlets;

/// A step may take this long before the daemon counts as stuck: the largest network on a small CPU needs seconds per frame.
const STUCK_AFTER: Duration = Duration::from_secs(120);

/// Everything that is to be seen.
pub(crate) struct View {
    pub(crate) started: Instant,
    pub(crate) device: String,
    pub(crate) board: Arc<Board>,
    pub(crate) inlet: Arc<Inlet>,
    pub(crate) outlets: Arc<Outlets>,
    sources: Mutex<BTreeMap<String, SourceEntry>>,
}

struct SourceEntry {
    id: StreamId,
    origin: Origin,
    address: String,
    live: bool,
    supervisor: Arc<Supervisor>,
}

/// Who asked for a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The configuration file.
    File,
    /// Somebody while the daemon runs.
    Api,
}

/// A stream at a moment.
#[derive(Clone, Debug)]
pub struct StreamView {
    /// Its name.
    pub name: String,
    /// Where its frames come from, without secrets.
    pub address: String,
    /// Who asked for it.
    pub origin: Origin,
    /// Whether it is a camera: what is missed of it is gone.
    pub live: bool,
    /// Its source.
    pub source: SupervisorStats,
    /// Its frames on their way to the tracker.
    pub lane: LaneStats,
    /// Its frames in the tracker.
    pub figures: StreamFigures,
}

/// A sink at a moment.
#[derive(Clone, Debug)]
pub struct SinkView {
    /// Its name.
    pub name: String,
    /// Its kind, as the configuration calls it.
    pub kind: &'static str,
    /// Its queue and its state.
    pub stats: OutletStats,
}

impl View {
    pub(crate) fn new(device: String, board: Arc<Board>, inlet: Arc<Inlet>, outlets: Arc<Outlets>) -> Self {
        Self { started: Instant::now(), device, board, inlet, outlets, sources: Mutex::default() }
    }

    pub(crate) fn add(&self, config: &StreamConfig, origin: Origin, id: StreamId, supervisor: Supervisor) {
        let (address, live) = (config.source.to_string(), config.is_live());
        let entry = SourceEntry { id, origin, address, live, supervisor: Arc::new(supervisor) };
        self.lock().insert(config.name.clone(), entry);
    }

    pub(crate) fn remove(&self, name: &str) -> Option<(StreamId, Arc<Supervisor>)> {
        self.lock().remove(name).map(|entry| (entry.id, entry.supervisor))
    }

    /// Takes all sources out, to be stopped.
    pub(crate) fn remove_all(&self) -> Vec<Arc<Supervisor>> {
        std::mem::take(&mut *self.lock()).into_values().map(|entry| entry.supervisor).collect()
    }

    pub(crate) fn streams(&self) -> Vec<StreamView> {
        let view = |(name, entry): (&String, &SourceEntry)| StreamView {
            name: name.clone(),
            address: entry.address.clone(),
            origin: entry.origin,
            live: entry.live,
            source: entry.supervisor.stats(),
            lane: self.inlet.stats(entry.id),
            figures: self.board.figures(entry.id),
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
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, SourceEntry>> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

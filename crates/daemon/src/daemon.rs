use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::bounded;
use maskd_config::{Changes, Loaded};
use maskd_tracker::StreamTracker;
use maskd_types::SourceState;

use crate::audience::Audience;
use crate::board::Board;
use crate::inlet::Inlet;
use crate::outlets::Outlets;
use crate::registry::Registry;
use crate::scheduler::Scheduler;
use crate::state::{Keeper, StateDirectory};
use crate::view::View;
use crate::{DaemonError, Handle};

/// Commands that may wait for the tracker's thread, which looks at them between frames.
const COMMANDS: usize = 256;

/// A daemon that runs: sources, one tracker, and sinks.
pub struct Daemon {
    registry: Arc<Registry>,
    scheduler: Option<JoinHandle<Result<(), DaemonError>>>,
}

impl Daemon {
    /// Starts everything that the configuration names. `model` tells models apart: saved tracks mean something to the model that made
    /// them only.
    ///
    /// Cameras and sinks that are not there are no errors: they are tried again for as long as the daemon runs.
    ///
    /// # Errors
    /// [`DaemonError`] where the state directory cannot be written, or this build lacks a kind of sink.
    pub fn start(loaded: Loaded, tracker: Box<dyn StreamTracker>, model: String) -> Result<Self, DaemonError> {
        let (board, inlet, outlets) =
            (Arc::new(Board::new()), Arc::new(Inlet::default()), Arc::new(Outlets::default()));
        let audience = Arc::new(Audience::new());
        let view = View::new(tracker.device(), Arc::clone(&board), Arc::clone(&inlet), Arc::clone(&outlets));
        let directory = loaded.config.state.directory.as_deref();
        let state = directory.map(|path| StateDirectory::open(path, model.clone())).transpose()?;
        let keeper = state.clone().map(Keeper::start).transpose()?;
        let (commands, waiting) = bounded(COMMANDS);
        let registry = Registry::new(loaded, model.clone(), Arc::new(view), Arc::clone(&audience), state, commands);
        let scheduler = Scheduler {
            tracker,
            inlet,
            outlets,
            audience,
            board,
            keeper,
            model,
            commands: waiting,
            streams: BTreeMap::new(),
        };
        let thread = thread::Builder::new().name("tracker".into()).spawn(|| scheduler.run());
        let thread = thread.map_err(|source| DaemonError::Thread { part: "the tracker".into(), source })?;
        let daemon = Self { registry: Arc::new(registry), scheduler: Some(thread) };
        daemon.registry.start()?;
        Ok(daemon)
    }

    /// What others look at the daemon with, and control it by.
    pub fn handle(&self) -> Handle {
        Handle::new(Arc::clone(&self.registry))
    }

    /// Goes over to another configuration and touches only what differs. What cannot change while the daemon runs is left as it is and
    /// named in the [`Changes`].
    ///
    /// # Errors
    /// [`DaemonError`] where something new cannot be started; what was started before it goes on.
    pub fn reload(&mut self, loaded: Loaded) -> Result<Changes, DaemonError> {
        self.registry.reload(loaded)
    }

    /// How long sinks may take to write what is queued when the daemon ends.
    pub fn drain(&self) -> Duration {
        self.registry.settings().loaded.config.shutdown.drain
    }

    /// Whether frames go through the tracker, or could.
    pub fn is_well(&self) -> bool {
        self.registry.view.is_well()
    }

    /// Whether every source has ended and everything of them has been tracked, which only happens where all are files.
    pub fn has_ended(&self) -> bool {
        let view = &self.registry.view;
        let ended = view.streams().iter().all(|stream| stream.source.state == SourceState::Ended);
        ended && view.inlet.waiting() == 0 && view.board.pulse().busy_for.is_none()
    }

    /// Looks whether the tracker still runs.
    ///
    /// # Errors
    /// Why it does not.
    pub fn check(&mut self) -> Result<(), DaemonError> {
        if self.scheduler.as_ref().is_some_and(|thread| !thread.is_finished()) {
            return Ok(());
        }
        self.scheduler.take().map_or(Ok(()), joined)
    }

    /// Stops the sources, tracks what has arrived, lets the sinks write what waits for them, and ends, at the deadline whether or not
    /// all is done. Sources may take half of that time, so that one that hangs leaves some to what comes behind it. Names the parts
    /// that were still busy then.
    ///
    /// # Errors
    /// As [`Daemon::check`].
    pub fn stop(mut self, deadline: Instant) -> Result<Vec<String>, DaemonError> {
        let view = &self.registry.view;
        let supervisors = view.remove_all();
        supervisors.iter().for_each(|supervisor| supervisor.stop());
        view.inlet.shut();
        let mut busy = Vec::new();
        let ended = || supervisors.iter().all(|supervisor| supervisor.is_finished());
        let now = Instant::now();
        if !wait_until(now + deadline.saturating_duration_since(now) / 2, ended) {
            busy.push("a source".to_owned());
            // Dropping it would wait for its thread.
            supervisors.into_iter().for_each(std::mem::forget);
        }
        view.inlet.lock_up();
        let tracked = match self.scheduler.take() {
            Some(thread) if wait_until(deadline, || thread.is_finished()) => joined(thread),
            Some(_) => {
                busy.push("the tracker".to_owned());
                Ok(())
            }
            None => Ok(()),
        };
        busy.extend(view.outlets.stop(deadline));
        tracked.map(|()| busy)
    }
}

fn joined(thread: JoinHandle<Result<(), DaemonError>>) -> Result<(), DaemonError> {
    thread.join().unwrap_or(Err(DaemonError::Bug { part: "the tracker" }))
}

fn wait_until(deadline: Instant, done: impl Fn() -> bool) -> bool {
    while !done() {
        if Instant::now() >= deadline {
            return false;
        }
        thread::sleep(Duration::from_millis(5));
    }
    true
}

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Sender, bounded};
use maskd_config::{Changes, Config, Loaded, SinkConfig, StreamConfig};
use maskd_output::outlet::Stopped;
use maskd_tracker::{StreamId, StreamTracker};
use maskd_types::SourceState;

use crate::DaemonError;
use crate::board::Board;
use crate::http::Server;
use crate::inlet::Inlet;
use crate::outlets::Outlets;
use crate::scheduler::{Command, NewStream, Scheduler};
use crate::sinks::outlet;
use crate::source;
use crate::state::{Keeper, StateDirectory};
use crate::view::View;

/// Commands that may wait for the tracker's thread, which looks at them between frames.
const COMMANDS: usize = 256;

/// A sink that is taken out while the daemon runs gets this long to write what waits for it.
const SINK_DRAIN: Duration = Duration::from_secs(5);

/// A daemon that runs: sources, one tracker, sinks, and the HTTP server.
pub struct Daemon {
    loaded: Loaded,
    view: Arc<View>,
    commands: Sender<Command>,
    state: Option<StateDirectory>,
    scheduler: Option<JoinHandle<Result<(), DaemonError>>>,
    server: Option<Server>,
    next_stream: u32,
}

impl Daemon {
    /// Starts everything that the configuration names. `model` tells models apart: saved tracks mean something to the model that made
    /// them only.
    ///
    /// Cameras and sinks that are not there are no errors: they are tried again for as long as the daemon runs.
    ///
    /// # Errors
    /// [`DaemonError`] where the HTTP port is taken, the state directory cannot be written, or this build lacks a kind of sink.
    pub fn start(loaded: Loaded, tracker: Box<dyn StreamTracker>, model: String) -> Result<Self, DaemonError> {
        let (board, inlet, outlets) =
            (Arc::new(Board::new()), Arc::new(Inlet::default()), Arc::new(Outlets::default()));
        let view = View::new(tracker.device(), Arc::clone(&board), Arc::clone(&inlet), Arc::clone(&outlets));
        let view = Arc::new(view);
        let http = &loaded.config.http;
        let server = http.enabled.then(|| Server::start(http.listen, Arc::clone(&view))).transpose()?;
        let directory = loaded.config.state.directory.as_deref();
        let state = directory.map(|path| StateDirectory::open(path, model)).transpose()?;
        let keeper = state.clone().map(Keeper::start).transpose()?;
        let (commands, waiting) = bounded(COMMANDS);
        let scheduler =
            Scheduler { tracker, inlet, outlets, board, keeper, commands: waiting, streams: BTreeMap::new() };
        let thread = thread::Builder::new().name("tracker".into()).spawn(|| scheduler.run());
        let thread = thread.map_err(|source| DaemonError::Thread { part: "the tracker".into(), source })?;
        let mut daemon = Self { loaded, view, commands, state, scheduler: Some(thread), server, next_stream: 0 };
        daemon.start_all()?;
        Ok(daemon)
    }

    fn start_all(&mut self) -> Result<(), DaemonError> {
        let Config { streams, sinks, .. } = self.loaded.config.clone();
        sinks.into_iter().try_for_each(|sink| self.add_sink(sink))?;
        streams.iter().try_for_each(|stream| self.add_stream(stream))
    }

    fn add_sink(&self, config: SinkConfig) -> Result<(), DaemonError> {
        let credentials = self.loaded.secrets.sinks.get(&config.name).cloned().unwrap_or_default();
        let outlet = outlet(&config, &credentials)?;
        self.view.outlets.add(config, outlet);
        Ok(())
    }

    fn add_stream(&mut self, config: &StreamConfig) -> Result<(), DaemonError> {
        let id = StreamId(self.next_stream);
        self.next_stream += 1;
        let saved = self.state.as_ref().map(|state| state.load(&config.name, &config.prompts)).unwrap_or_default();
        let tracking = &self.loaded.config.tracking;
        self.send(Command::Add(NewStream {
            id,
            name: config.name.as_str().into(),
            prompts: config.prompts.clone(),
            keep_tracks: tracking.keep_tracks,
            max_objects: tracking.max_objects,
            saved,
        }));
        let credentials = self.loaded.secrets.streams.get(&config.name).cloned().unwrap_or_default();
        let supervisor = source::start(config, &credentials, id, Arc::clone(&self.view.inlet))?;
        self.view.add(&config.name, id, supervisor);
        Ok(())
    }

    fn remove_stream(&self, name: &str) {
        if let Some((id, supervisor)) = self.view.remove(name) {
            supervisor.stop();
            self.view.inlet.close(id);
            self.send(Command::Remove(id));
            self.view.outlets.forget(name);
            self.view.board.removed(id);
        }
    }

    /// The tracker's thread takes commands for as long as it lives; when it has died, [`Daemon::check`] says so.
    fn send(&self, command: Command) {
        self.commands.send(command).ok();
    }

    /// Goes over to another configuration and touches only what differs. What cannot change while the daemon runs is left as it is and
    /// named in the [`Changes`].
    ///
    /// # Errors
    /// [`DaemonError`] where something new cannot be started; what was started before it goes on.
    pub fn reload(&mut self, loaded: Loaded) -> Result<Changes, DaemonError> {
        let changes = Changes::between(&self.loaded.config, &loaded.config);
        let secrets = std::mem::replace(&mut self.loaded.secrets, loaded.secrets);
        let streams = renewed(
            &changes.streams.changed,
            &changes.prompts,
            |name| secrets.streams.get(name) != self.loaded.secrets.streams.get(name),
            loaded.config.streams.iter().map(|stream| stream.name.as_str()),
        );
        let sinks = renewed(
            &changes.sinks.changed,
            &[],
            |name| secrets.sinks.get(name) != self.loaded.secrets.sinks.get(name),
            loaded.config.sinks.iter().map(|sink| sink.name.as_str()),
        );
        self.loaded.config.tracking.keep_tracks = loaded.config.tracking.keep_tracks;
        self.send(Command::KeepTracks(loaded.config.tracking.keep_tracks));
        self.loaded.config.log.level = loaded.config.log.level;
        self.loaded.config.shutdown = loaded.config.shutdown;
        for name in changes.streams.removed.iter().chain(&streams) {
            self.remove_stream(name);
        }
        for name in changes.sinks.removed.iter().chain(&sinks) {
            self.remove_sink(name);
        }
        self.loaded.config.sinks = loaded.config.sinks;
        self.loaded.config.streams = loaded.config.streams;
        for name in changes.sinks.added.iter().chain(&sinks) {
            self.loaded.config.sink(name).cloned().map_or(Ok(()), |sink| self.add_sink(sink))?;
        }
        for name in changes.streams.added.iter().chain(&streams) {
            let stream = self.loaded.config.stream(name).cloned();
            stream.map_or(Ok(()), |stream| self.add_stream(&stream))?;
        }
        Ok(changes)
    }

    fn remove_sink(&self, name: &str) {
        if let Some(outlet) = self.view.outlets.remove(name) {
            // On a thread of its own: a stuck sink must not hold up the others.
            let stop = move || {
                if outlet.stop(Instant::now() + SINK_DRAIN) != Stopped::Drained {
                    tracing::warn!("a sink that was taken out is stuck; its thread is left behind");
                }
            };
            if let Err(error) = thread::Builder::new().name("sink end".into()).spawn(stop) {
                tracing::warn!(%error, sink = name, "a sink is left to itself");
            }
        }
    }

    /// What is running.
    pub fn config(&self) -> &Config {
        &self.loaded.config
    }

    /// Where the HTTP server listens; `None` where there is none.
    pub fn http_address(&self) -> Option<SocketAddr> {
        self.server.as_ref().map(Server::address)
    }

    /// Whether frames go through the tracker, or could.
    pub fn is_well(&self) -> bool {
        self.view.is_well()
    }

    /// Whether every source has ended and everything of them has been tracked, which only happens where all are files.
    pub fn has_ended(&self) -> bool {
        let streams = self.view.streams();
        let ended = streams.iter().all(|stream| stream.source.state == SourceState::Ended);
        ended && self.view.inlet.waiting() == 0 && self.view.board.pulse().busy_for.is_none()
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
    /// all is done. Names the parts that were still busy then.
    ///
    /// # Errors
    /// As [`Daemon::check`].
    pub fn stop(mut self, deadline: Instant) -> Result<Vec<String>, DaemonError> {
        let supervisors = self.view.remove_all();
        supervisors.iter().for_each(|supervisor| supervisor.stop());
        self.view.inlet.shut();
        let mut busy = Vec::new();
        let ended = || supervisors.iter().all(|supervisor| supervisor.is_finished());
        if !wait_until(deadline, ended) {
            busy.push("a source".to_owned());
            // Dropping it would wait for its thread.
            supervisors.into_iter().for_each(std::mem::forget);
        }
        let tracked = match self.scheduler.take() {
            Some(thread) if wait_until(deadline, || thread.is_finished()) => joined(thread),
            Some(_) => {
                busy.push("the tracker".to_owned());
                Ok(())
            }
            None => Ok(()),
        };
        busy.extend(self.view.outlets.stop(deadline));
        drop(self.server.take());
        tracked.map(|()| busy)
    }
}

/// Names of those that have to be taken out and put in again.
fn renewed<'a>(
    changed: &[String],
    prompts: &[String],
    other_secrets: impl Fn(&str) -> bool,
    names: impl Iterator<Item = &'a str>,
) -> Vec<String> {
    let has = |list: &[String], name: &str| list.iter().any(|other| other == name);
    let renewed = names.filter(|name| has(changed, name) || has(prompts, name) || other_secrets(name));
    renewed.map(str::to_owned).collect()
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

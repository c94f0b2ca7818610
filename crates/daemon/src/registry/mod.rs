//! What the daemon's owner and those who control it from outside share: which streams and sinks there are.

mod reload;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use maskd_config::{Credentials, Loaded, SinkConfig, StreamConfig};
use maskd_output::outlet::Stopped;
use maskd_tracker::StreamId;

use crate::audience::Audience;
use crate::control::{ControlError, Request};
use crate::scheduler::{Command, NewStream};
use crate::sinks::outlet;
use crate::state::StateDirectory;
use crate::view::{Origin, View};
use crate::{DaemonError, source};

/// A sink that is taken out while the daemon runs gets this long to write what waits for it.
const SINK_DRAIN: Duration = Duration::from_secs(5);

pub(crate) struct Registry {
    pub(crate) view: Arc<View>,
    pub(crate) audience: Arc<Audience>,
    /// Tells models apart: tracks mean something to the model that made them only.
    pub(crate) model: String,
    commands: Sender<Command>,
    state: Option<StateDirectory>,
    settings: Mutex<Settings>,
}

/// What runs, as it was asked for.
pub(crate) struct Settings {
    pub(crate) loaded: Loaded,
    /// Streams that are in no configuration file.
    added: Vec<StreamConfig>,
    next_stream: u32,
}

impl Registry {
    pub(crate) fn new(
        loaded: Loaded,
        model: String,
        view: Arc<View>,
        audience: Arc<Audience>,
        state: Option<StateDirectory>,
        commands: Sender<Command>,
    ) -> Self {
        let settings = Mutex::new(Settings { loaded, added: Vec::new(), next_stream: 0 });
        Self { view, audience, model, commands, state, settings }
    }

    /// Starts all sinks and streams of the configuration.
    pub(crate) fn start(&self) -> Result<(), DaemonError> {
        let settings = &mut *self.settings();
        settings.loaded.config.sinks.iter().try_for_each(|sink| self.start_sink(settings, sink))?;
        let streams = settings.loaded.config.streams.clone();
        streams.iter().try_for_each(|stream| self.start_stream(settings, stream, Origin::File))
    }

    fn start_sink(&self, settings: &Settings, config: &SinkConfig) -> Result<(), DaemonError> {
        let credentials = settings.loaded.secrets.sinks.get(&config.name).cloned().unwrap_or_default();
        let outlet = outlet(config, &credentials)?;
        self.view.outlets.add(config.clone(), outlet);
        Ok(())
    }

    fn start_stream(&self, settings: &mut Settings, config: &StreamConfig, origin: Origin) -> Result<(), DaemonError> {
        let id = StreamId(settings.next_stream);
        settings.next_stream += 1;
        let saved = self.state.as_ref().map(|state| state.load(&config.name, &config.prompts)).unwrap_or_default();
        let tracking = &settings.loaded.config.tracking;
        self.audience.add(&config.name);
        self.send(Command::Add(NewStream {
            id,
            name: config.name.as_str().into(),
            prompts: config.prompts.clone(),
            keep_tracks: tracking.keep_tracks,
            max_objects: tracking.max_objects,
            saved,
        }));
        let credentials = settings.loaded.secrets.streams.get(&config.name).cloned().unwrap_or_default();
        let supervisor = source::start(config, &credentials, id, Arc::clone(&self.view.inlet))?;
        self.view.add(config, origin, id, supervisor);
        Ok(())
    }

    /// `for_good`: the stream is not about to be started again.
    fn stop_stream(&self, name: &str, for_good: bool) {
        if let Some((id, supervisor)) = self.view.remove(name) {
            supervisor.stop();
            self.view.inlet.close(id);
            self.send(Command::Remove { stream: id, for_good });
            self.audience.remove(name);
        }
    }

    fn stop_sink(&self, name: &str) {
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

    /// Adds a stream that is in no file.
    pub(crate) fn add_stream(
        &self,
        config: StreamConfig,
        credentials: Credentials,
        limit: usize,
    ) -> Result<(), ControlError> {
        let settings = &mut *self.settings();
        if settings.loaded.config.stream(&config.name).or(settings.added(&config.name)).is_some() {
            return Err(ControlError::StreamExists { stream: config.name });
        }
        // Counted here, where nobody else can add one at the same time.
        if settings.loaded.config.streams.len() + settings.added.len() >= limit {
            return Err(ControlError::TooManyStreams { limit });
        }
        settings.loaded.secrets.streams.insert(config.name.clone(), credentials);
        self.start_stream(settings, &config, Origin::Api)?;
        settings.added.push(config);
        Ok(())
    }

    /// Takes a stream out. One that is in a file comes back with the next start.
    pub(crate) fn remove_stream(&self, name: &str) -> Result<(), ControlError> {
        let settings = &mut *self.settings();
        self.known(settings, name)?;
        settings.added.retain(|stream| stream.name != name);
        settings.loaded.config.streams.retain(|stream| stream.name != name);
        settings.loaded.secrets.streams.remove(name);
        self.stop_stream(name, true);
        Ok(())
    }

    /// Opens a stream's source anew. Its tracks begin again from what was saved, or from its prompts.
    pub(crate) fn restart_stream(&self, name: &str) -> Result<(), ControlError> {
        let settings = &mut *self.settings();
        let (config, origin) = self.known(settings, name)?;
        self.stop_stream(name, false);
        Ok(self.start_stream(settings, &config, origin)?)
    }

    fn known(&self, settings: &Settings, name: &str) -> Result<(StreamConfig, Origin), ControlError> {
        let file = settings.loaded.config.stream(name).map(|stream| (stream.clone(), Origin::File));
        let known = file.or_else(|| settings.added(name).map(|stream| (stream.clone(), Origin::Api)));
        known.ok_or_else(|| ControlError::UnknownStream { stream: name.to_owned() })
    }

    /// Hands a request to the tracker's thread.
    pub(crate) fn ask(&self, request: Request) -> Result<(), ControlError> {
        self.commands.try_send(Command::Request(request)).map_err(|error| match error {
            crossbeam_channel::TrySendError::Full(_) => ControlError::Busy,
            crossbeam_channel::TrySendError::Disconnected(_) => ControlError::Ending,
        })
    }

    /// The tracker's thread takes commands for as long as it lives; when it has died, [`crate::Daemon::check`] says so.
    fn send(&self, command: Command) {
        self.commands.send(command).ok();
    }

    /// Nothing panics while it holds the lock.
    pub(crate) fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Settings {
    fn added(&self, name: &str) -> Option<&StreamConfig> {
        self.added.iter().find(|stream| stream.name == name)
    }
}

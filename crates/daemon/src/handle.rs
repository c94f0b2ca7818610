use std::sync::Arc;
use std::time::Duration;

use maskd_config::{Credentials, StreamConfig};
use maskd_types::ObjectId;
use tokio::sync::{broadcast, oneshot, watch};

use crate::audience::{Happening, Latest};
use crate::control::{ControlError, PromptRequest, Prompted, Request};
use crate::registry::Registry;
use crate::state::read_tracks;
use crate::view::{SinkView, StreamView};

/// A daemon that runs, as those see it who look at it and control it from other threads. Cloning is cheap.
///
/// What concerns objects is done by the tracker's thread between two frames; its answers are waited for without blocking.
#[derive(Clone)]
pub struct Handle {
    registry: Arc<Registry>,
}

impl Handle {
    pub(crate) fn new(registry: Arc<Registry>) -> Self {
        Self { registry }
    }

    /// Where the network runs, for people.
    pub fn device(&self) -> &str {
        &self.registry.view.device
    }

    /// Time since the start.
    pub fn up(&self) -> Duration {
        self.registry.view.started.elapsed()
    }

    /// Whether frames go through the tracker, or could.
    pub fn is_well(&self) -> bool {
        self.registry.view.is_well()
    }

    /// Frames of all streams that wait for the tracker.
    pub fn frames_waiting(&self) -> usize {
        self.registry.view.inlet.waiting()
    }

    /// All streams by their names.
    pub fn streams(&self) -> Vec<StreamView> {
        self.registry.view.streams()
    }

    /// All sinks by their names.
    pub fn sinks(&self) -> Vec<SinkView> {
        self.registry.view.sinks()
    }

    /// The newest frames of a stream from now on; whoever is slow misses some. Closed when the stream is taken out.
    ///
    /// # Errors
    /// [`ControlError::UnknownStream`]
    pub fn watch(&self, stream: &str) -> Result<watch::Receiver<Latest>, ControlError> {
        let unknown = || ControlError::UnknownStream { stream: stream.to_owned() };
        self.registry.audience.watch(stream).ok_or_else(unknown)
    }

    /// All that happens from now on.
    pub fn listen(&self) -> broadcast::Receiver<Happening> {
        self.registry.audience.listen()
    }

    /// Why a stream's source is in the state it is in, without secrets; `None` where there is nothing to say.
    pub fn reason(&self, stream: &str) -> Option<Arc<str>> {
        self.registry.audience.reason(stream)
    }

    /// Adds a stream, which is in no file: it lives until it is taken out, or until the daemon ends. With it there are at most `limit`.
    ///
    /// # Errors
    /// [`ControlError::StreamExists`], [`ControlError::TooManyStreams`], [`ControlError::Daemon`]
    pub fn add_stream(&self, config: StreamConfig, credentials: Credentials, limit: usize) -> Result<(), ControlError> {
        self.registry.add_stream(config, credentials, limit)
    }

    /// Takes a stream out with all its tracks. One of the configuration file comes back with the next start or reload.
    ///
    /// # Errors
    /// [`ControlError::UnknownStream`]
    pub fn remove_stream(&self, name: &str) -> Result<(), ControlError> {
        self.registry.remove_stream(name)
    }

    /// Opens a stream's source anew. Its tracks begin again from what was saved, or from the prompts of its configuration.
    ///
    /// # Errors
    /// [`ControlError::UnknownStream`], [`ControlError::Daemon`]
    pub fn restart_stream(&self, name: &str) -> Result<(), ControlError> {
        self.registry.restart_stream(name)
    }

    /// Begins a track, or corrects one, on a frame that may be past.
    ///
    /// # Errors
    /// [`ControlError`]
    pub async fn prompt(&self, request: PromptRequest) -> Result<Prompted, ControlError> {
        self.ask(|reply| Request::Prompt(request, reply)).await
    }

    /// Forgets an object.
    ///
    /// # Errors
    /// [`ControlError::UnknownStream`], [`ControlError::UnknownObject`]
    pub async fn remove_object(&self, stream: &str, object: ObjectId) -> Result<(), ControlError> {
        self.ask(|reply| Request::Remove { stream: stream.to_owned(), object, reply }).await
    }

    /// Calls an object something else; `None` takes its name away.
    ///
    /// # Errors
    /// [`ControlError::UnknownStream`], [`ControlError::UnknownObject`]
    pub async fn rename_object(
        &self,
        stream: &str,
        object: ObjectId,
        name: Option<String>,
    ) -> Result<(), ControlError> {
        self.ask(|reply| Request::Rename { stream: stream.to_owned(), object, name, reply }).await
    }

    /// What brings the tracks of a stream back later, as bytes of a safetensors file.
    ///
    /// # Errors
    /// [`ControlError::UnknownStream`]
    pub async fn save_tracks(&self, stream: &str) -> Result<Vec<u8>, ControlError> {
        self.ask(|reply| Request::Save { stream: stream.to_owned(), reply }).await
    }

    /// Begins tracks from such a file; they get their old ids, and replace objects that have them. Tells which they are.
    ///
    /// # Errors
    /// [`ControlError::Tracks`] where the bytes are no such file or another model made it, [`ControlError::TooManyObjects`].
    pub async fn load_tracks(&self, stream: &str, bytes: &[u8]) -> Result<Vec<ObjectId>, ControlError> {
        let tracks = read_tracks(bytes, &self.registry.model);
        let tracks = tracks.map_err(|error| ControlError::Tracks { reason: error.to_string() })?;
        self.ask(|reply| Request::Load { stream: stream.to_owned(), tracks, reply }).await
    }

    async fn ask<T>(
        &self,
        request: impl FnOnce(oneshot::Sender<Result<T, ControlError>>) -> Request,
    ) -> Result<T, ControlError> {
        let (reply, answer) = oneshot::channel();
        self.registry.ask(request(reply))?;
        answer.await.unwrap_or(Err(ControlError::Ending))
    }
}

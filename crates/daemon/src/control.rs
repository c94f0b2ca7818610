//! What people ask of objects while they are tracked, and why it may not be done.

use std::time::Instant;

use maskd_tracker::{SavedTrack, TrackerError};
use maskd_types::{ObjectId, Prompt, TrackedObject};
use tokio::sync::oneshot;

/// Which object a prompt is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// One that is not tracked yet; it gets the next free id.
    New {
        /// What it is to be called.
        name: Option<String>,
    },
    /// One that is tracked: its track is corrected.
    Known(ObjectId),
}

/// A prompt for one object of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct PromptRequest {
    /// Name of the stream.
    pub stream: String,
    /// Number of the frame it was aimed at; `None` for the newest that was tracked.
    pub frame: Option<u64>,
    /// The object.
    pub target: Target,
    /// What was said, in pixels of that frame.
    pub prompt: Prompt,
}

/// A prompt that was applied.
#[derive(Debug)]
pub struct Prompted {
    /// The object on the frame that the prompt was aimed at.
    pub object: TrackedObject,
    /// Number of that frame.
    pub frame: u64,
    /// Tracked frames between it and the newest one by then.
    pub behind: u64,
    /// When it was applied.
    pub applied: Instant,
    /// Number of the frame on which the track has reached the present. Closed without one where the object, or its stream, went before.
    pub caught_up: oneshot::Receiver<u64>,
}

/// Tracks to be begun from what was saved.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedTrack {
    /// What brings it back.
    pub track: SavedTrack,
    /// What it is called.
    pub name: Option<String>,
}

/// Why something that was asked for was not done; nothing has changed then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ControlError {
    /// There is no such stream.
    #[error("there is no stream {stream:?}")]
    UnknownStream {
        /// What was asked for.
        stream: String,
    },
    /// There is a stream of that name.
    #[error("there is a stream {stream:?} already")]
    StreamExists {
        /// Its name.
        stream: String,
    },
    /// There may be no more streams.
    #[error("{limit} streams are watched, which is all there may be")]
    TooManyStreams {
        /// How many there may be.
        limit: usize,
    },
    /// The stream tracks no such object.
    #[error("the stream {stream:?} tracks no object {object}")]
    UnknownObject {
        /// Its name.
        stream: String,
        /// What was asked for.
        object: ObjectId,
    },
    /// The stream may have no more objects.
    #[error("the stream {stream:?} tracks {limit} objects, which is all it may")]
    TooManyObjects {
        /// Its name.
        stream: String,
        /// `[tracking] max_objects`
        limit: usize,
    },
    /// The tracker did not take it.
    #[error(transparent)]
    Tracker(#[from] TrackerError),
    /// A file of tracks cannot be read.
    #[error("these tracks cannot be used: {reason}")]
    Tracks {
        /// Why.
        reason: String,
    },
    /// More is asked for than can be done.
    #[error("too much is asked for at once")]
    Busy,
    /// The daemon is on its way down.
    #[error("the daemon ends")]
    Ending,
    /// A stream could not be started.
    #[error(transparent)]
    Daemon(#[from] crate::DaemonError),
}

/// Where an answer goes.
pub(crate) type Reply<T> = oneshot::Sender<Result<T, ControlError>>;

/// What somebody asks of the objects of a stream.
pub(crate) enum Request {
    Prompt(PromptRequest, Reply<Prompted>),
    Remove {
        stream: String,
        object: ObjectId,
        reply: Reply<()>,
    },
    Rename {
        stream: String,
        object: ObjectId,
        name: Option<String>,
        reply: Reply<()>,
    },
    /// The tracks as bytes of a file.
    Save {
        stream: String,
        reply: Reply<Vec<u8>>,
    },
    Load {
        stream: String,
        tracks: Vec<NamedTrack>,
        reply: Reply<Vec<ObjectId>>,
    },
}

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{CaptureTime, ObjectId};

/// What is told beside the frames of a stream: it happens seldom and must not be lost among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The source changed its state.
    Status(StreamStatus),
    /// Something happened to an object.
    Object(ObjectEvent),
}

impl Notice {
    /// The stream it is about.
    pub fn stream(&self) -> &Arc<str> {
        match self {
            Self::Status(status) => &status.stream,
            Self::Object(event) => &event.stream,
        }
    }
}

/// Where a source stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// It is being opened; no frame has come yet.
    Connecting,
    /// Frames come.
    Live,
    /// No frame has come for too long; it is about to be built anew.
    Stalled,
    /// It failed and is tried again after a pause.
    Backoff,
    /// The camera does not accept user and password; it is tried again, seldom.
    AuthFailed,
    /// A file has been played to its end, or the stream was taken out.
    Ended,
}

impl SourceState {
    /// All states.
    pub const ALL: [Self; 6] =
        [Self::Connecting, Self::Live, Self::Stalled, Self::Backoff, Self::AuthFailed, Self::Ended];

    /// The word that messages and metrics use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Stalled => "stalled",
            Self::Backoff => "backoff",
            Self::AuthFailed => "auth_failed",
            Self::Ended => "ended",
        }
    }
}

/// The state of a stream's source, from a moment on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamStatus {
    /// Name of the stream.
    pub stream: Arc<str>,
    /// Where the source stands.
    pub state: SourceState,
    /// Why, without secrets; `None` where there is nothing to say.
    pub reason: Option<Arc<str>>,
    /// Since when.
    pub since: CaptureTime,
    /// Whether the stream was taken out: nothing more comes of it, and what was kept for it can go.
    pub removed: bool,
}

/// What may happen to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ObjectEventKind {
    /// It is tracked from this frame on.
    New,
    /// A person corrected its track.
    Update,
    /// It went out of sight.
    Occluded,
    /// It has been out of sight for so long that it may never return.
    Lost,
    /// It came back.
    Reacquired,
    /// It is no longer tracked.
    End,
}

/// Something that happened to an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectEvent {
    /// Name of the stream.
    pub stream: Arc<str>,
    /// The object.
    pub object: ObjectId,
    /// What the user calls it.
    pub name: Option<Arc<str>>,
    /// What happened.
    pub kind: ObjectEventKind,
    /// Number of the frame on which it happened.
    pub frame: u64,
    /// Capture time of that frame.
    pub capture: CaptureTime,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_states_are_those_of_json() {
        for state in SourceState::ALL {
            assert_eq!(serde_json::to_string(&state).unwrap(), format!("\"{}\"", state.name()));
        }
    }
}

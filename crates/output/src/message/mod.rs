//! The JSON of frames and notices: one form for lines, brokers and whatever else carries text.
//! Others parse it: names, order and units stay as they are; new keys may join.

mod frame;
mod notice;

use maskd_types::{Notice, TrackedFrame};

/// What a message about a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageForm {
    /// Whether objects carry their masks; without them a message has a hundredth of the size.
    pub masks: bool,
}

impl Default for MessageForm {
    fn default() -> Self {
        Self { masks: true }
    }
}

/// The JSON object of a frame, without a line break. Its end-to-end latency ends now: call this right before writing.
///
/// # Errors
/// Where a number does not become JSON.
pub fn frame_json(frame: &TrackedFrame, form: MessageForm) -> Result<String, serde_json::Error> {
    serde_json::to_string(&frame::Message::of(frame, form))
}

/// The JSON object of a notice, without a line break.
///
/// # Errors
/// Where it does not become JSON.
pub fn notice_json(notice: &Notice) -> Result<String, serde_json::Error> {
    serde_json::to_string(&notice::Message::of(notice))
}

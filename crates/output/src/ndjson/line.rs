use maskd_types::{Notice, TrackedFrame};

use crate::OutputError;
use crate::message::{MessageForm, frame_json, notice_json};

/// The line of a frame, with its line break.
pub(super) fn frame_line(frame: &TrackedFrame, form: MessageForm) -> Result<String, OutputError> {
    Ok(terminated(frame_json(frame, form)?))
}

/// The line of a notice, with its line break.
pub(super) fn notice_line(notice: &Notice) -> Result<String, OutputError> {
    Ok(terminated(notice_json(notice)?))
}

fn terminated(mut json: String) -> String {
    json.push('\n');
    json
}

use maskd_types::{Frame, SourceInfo};

use crate::CaptureError;

/// Something that frames come out of.
pub trait Source: Send {
    /// What was known of the source when it was opened.
    fn info(&self) -> &SourceInfo;

    /// The next frame, waited for; `None` at the end of the stream.
    ///
    /// After the end or an error there are no more frames: every later call gives `None`.
    ///
    /// # Errors
    /// Whatever stopped the source: see [`CaptureError`]. All frames before the trouble have been given by then.
    fn next_frame(&mut self) -> Result<Option<Frame>, CaptureError>;
}

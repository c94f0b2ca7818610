use maskd_types::{Frame, SourceInfo};

use crate::CaptureError;

/// What a source has lost since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceCounts {
    /// Decoded frames that a newer one replaced before they were fetched.
    pub superseded: u64,
    /// RTP packets that never came, came too late, or waited too long for a decoder that is too slow.
    pub packets_lost: u64,
}

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

    /// Whether frames come by themselves, and are lost where nobody fetches them.
    fn is_live(&self) -> bool {
        false
    }

    /// What has been lost so far.
    fn counts(&self) -> SourceCounts {
        SourceCounts::default()
    }
}

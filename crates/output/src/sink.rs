use std::time::Instant;

use maskd_types::{Notice, TrackedFrame};

use crate::OutputError;

/// Something that takes the results of one stream, frame by frame.
///
/// After an error a sink takes nothing more; what it wrote before stays valid.
pub trait Sink: Send {
    /// What to call the sink in messages, with the place that it writes to.
    fn name(&self) -> &str;

    /// Takes one frame. Blocks while the sink is busy with earlier ones.
    ///
    /// # Errors
    /// Where the frame could not be written; see [`OutputError`].
    fn write(&mut self, frame: &TrackedFrame) -> Result<(), OutputError>;

    /// Takes a notice about a stream, in its place among the frames. Sinks that have no use for notices do nothing.
    ///
    /// # Errors
    /// Where the notice could not be written.
    fn notice(&mut self, notice: &Notice) -> Result<(), OutputError> {
        let _ = notice;
        Ok(())
    }

    /// Called about once a second while nothing arrives, for sinks that have something to say then, such as that there is no signal.
    ///
    /// # Errors
    /// Where it could not be said.
    fn idle(&mut self, now: Instant) -> Result<(), OutputError> {
        let _ = now;
        Ok(())
    }

    /// Writes what is still held back and closes the output. Call it once, after the last frame.
    ///
    /// # Errors
    /// Where the output could not be completed.
    fn finish(&mut self) -> Result<(), OutputError>;
}

use maskd_types::{Action, Frame, ObjectId};

use crate::{Step, StreamFrame, StreamId, StreamTracker, Tracker, TrackerError};

/// The only stream there is.
const STREAM: StreamId = StreamId(0);

/// [`Tracker`] of one stream.
pub(crate) struct Single(pub(crate) Box<dyn StreamTracker>);

impl Tracker for Single {
    fn device(&self) -> String {
        self.0.device()
    }

    fn step(&mut self, frame: &Frame, actions: &[(ObjectId, Action)]) -> Result<Step, TrackerError> {
        let mut answers = self.0.step(&[StreamFrame { stream: STREAM, frame, actions }])?;
        // One frame, one answer.
        answers.swap_remove(0)
    }

    fn prefetch(&mut self, frame: &Frame) {
        self.0.prefetch(STREAM, frame);
    }

    fn objects(&self) -> Vec<ObjectId> {
        self.0.objects(STREAM)
    }

    fn reset(&mut self) {
        self.0.forget(STREAM);
    }
}

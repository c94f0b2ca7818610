//! Frames that are encoded before it is their turn.

use std::sync::Arc;
use std::time::Instant;

use maskd_model::{ImageFeatures, Kernels, ModelError, Sam2};
use maskd_types::Frame;
use rayon::prelude::*;

use super::{Engine, millis_since};
use crate::StreamId;

/// A frame as the network sees it.
pub(super) struct Encoded<B: Kernels> {
    pub(super) image: ImageFeatures<B>,
    /// How long that took, in milliseconds.
    pub(super) took_ms: f64,
}

impl<B: Kernels> Encoded<B> {
    pub(super) fn of(model: &Sam2<B>, frame: &Frame) -> Result<Self, ModelError> {
        let started = Instant::now();
        let image = model.encode_image(&frame.rgb, frame.width, frame.height)?;
        Ok(Self { image, took_ms: millis_since(started) })
    }
}

/// What is known of the frames that follow the present one of a stream.
pub(super) struct Ahead<B: Kernels> {
    /// To be encoded during the next step.
    expected: Option<Frame>,
    /// Encoded during the last one.
    ready: Option<(Frame, Encoded<B>)>,
}

impl<B: Kernels> Default for Ahead<B> {
    fn default() -> Self {
        Self { expected: None, ready: None }
    }
}

impl<B: Kernels> Ahead<B> {
    /// `frame` as it was encoded in the last step; `None` where that was another one.
    pub(super) fn take(&mut self, frame: &Frame) -> Option<Encoded<B>> {
        let (known, encoded) = self.ready.take()?;
        // Pixels that are held here cannot have made room for those of another frame.
        let is_it = Arc::ptr_eq(&known.rgb, &frame.rgb) && [known.width, known.height] == [frame.width, frame.height];
        is_it.then_some(encoded)
    }
}

impl<B: Kernels> Engine<B> {
    /// As [`StreamTracker::prefetch`](crate::StreamTracker::prefetch) says.
    pub(super) fn expect(&mut self, stream: StreamId, frame: &Frame) {
        if self.uses_idle_threads() {
            self.streams.entry(stream).or_default().ahead.expected = Some(frame.clone());
        }
    }

    /// Does `work`, and meanwhile encodes the frames that are expected of `streams`.
    pub(super) fn and_encode_ahead<T: Send>(
        &mut self,
        streams: &[StreamId],
        work: impl FnOnce(&mut Self) -> T + Send,
    ) -> T {
        let expected = |stream: &StreamId| Some((*stream, self.streams.get_mut(stream)?.ahead.expected.take()?));
        let expected: Vec<(StreamId, Frame)> = streams.iter().filter_map(expected).collect();
        if expected.is_empty() {
            return work(self);
        }
        let model = Arc::clone(&self.model);
        // A frame that cannot be encoded says so when it is its turn.
        let encode = |(stream, frame): (StreamId, Frame)| {
            let encoded = Encoded::of(&model, &frame).ok()?;
            Some((stream, (frame, encoded)))
        };
        let (result, ready): (T, Vec<_>) =
            rayon::join(|| work(self), || expected.into_par_iter().filter_map(encode).collect());
        for (stream, ready) in ready {
            if let Some(stream) = self.streams.get_mut(&stream) {
                stream.ahead.ready = Some(ready);
            }
        }
        result
    }
}

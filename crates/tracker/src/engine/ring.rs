//! The last frames of a stream, so that a prompt can still be applied to the frame that a person saw.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use maskd_model::config::ModelConfig;
use maskd_model::{ImageFeatures, Kernels, Sam2};
use maskd_types::{Frame, ObjectId};

use super::stream::Prompts;
use super::track::Track;
use crate::{RingView, TrackerError};

/// What is kept of the picture.
pub(super) enum Picture<B: Kernels> {
    /// RGB, until somebody asks what is on it.
    Pixels(Arc<[u8]>),
    Features(ImageFeatures<B>),
}

/// A frame that is past.
pub(super) struct RingFrame<B: Kernels> {
    /// The source's number.
    pub(super) number: u64,
    /// Width and height in pixels.
    pub(super) size: [u32; 2],
    /// Whether it may be remembered.
    pub(super) intact: bool,
    /// The stream's time on it.
    pub(super) clock: u64,
    pub(super) picture: Picture<B>,
    /// The objects as they were before it.
    pub(super) before: BTreeMap<ObjectId, Track<B>>,
    /// What was said on it.
    pub(super) prompts: Prompts,
}

impl<B: Kernels> RingFrame<B> {
    pub(super) fn new(frame: &Frame, clock: u64, picture: Picture<B>) -> Self {
        Self {
            number: frame.number,
            size: [frame.width, frame.height],
            intact: frame.intact,
            clock,
            picture,
            before: BTreeMap::new(),
            prompts: Prompts::new(),
        }
    }

    /// Encodes the frame where that has not been done; its pixels are not needed any more then.
    pub(super) fn encode(&mut self, model: &Sam2<B>) -> Result<(), TrackerError> {
        if let Picture::Pixels(rgb) = &self.picture {
            let [width, height] = self.size;
            self.picture = Picture::Features(model.encode_image(rgb, width, height)?);
        }
        Ok(())
    }

    /// `None` before [`RingFrame::encode`].
    pub(super) fn features(&self) -> Option<&ImageFeatures<B>> {
        match &self.picture {
            Picture::Pixels(_) => None,
            Picture::Features(features) => Some(features),
        }
    }
}

/// Where a frame stands in its stream: frames that went through the ring are counted, whatever numbers the source gives them.
pub(super) type Serial = u64;

pub(super) struct Ring<B: Kernels> {
    /// Oldest first.
    frames: VecDeque<RingFrame<B>>,
    /// Of the oldest frame; of the next one where there is none.
    first: Serial,
}

impl<B: Kernels> Default for Ring<B> {
    fn default() -> Self {
        Self { frames: VecDeque::new(), first: 0 }
    }
}

impl<B: Kernels> Ring<B> {
    /// Adds the newest frame; of all frames only the last `capacity` are kept.
    pub(super) fn push(&mut self, frame: RingFrame<B>, capacity: usize) {
        self.frames.push_back(frame);
        while self.frames.len() > capacity {
            self.frames.pop_front();
            self.first += 1;
        }
    }

    /// The serial that the next frame will get.
    pub(super) fn next(&self) -> Serial {
        self.first + self.frames.len() as u64
    }

    pub(super) fn get(&self, serial: Serial) -> Option<&RingFrame<B>> {
        self.frames.get(usize::try_from(serial.checked_sub(self.first)?).ok()?)
    }

    pub(super) fn get_mut(&mut self, serial: Serial) -> Option<&mut RingFrame<B>> {
        self.frames.get_mut(usize::try_from(serial.checked_sub(self.first)?).ok()?)
    }

    /// The frame with the source's number `number`: the newest of them, should a source count anew.
    pub(super) fn find(&self, number: u64) -> Result<(Serial, &RingFrame<B>), TrackerError> {
        let place = self.frames.iter().rposition(|frame| frame.number == number);
        let found = place.and_then(|place| Some((self.first + place as u64, self.frames.get(place)?)));
        found.ok_or_else(|| self.missing(number))
    }

    /// Why there is no frame `frame`.
    fn missing(&self, frame: u64) -> TrackerError {
        let numbers = || self.frames.iter().map(|entry| entry.number);
        let before = numbers().filter(|&number| number < frame).max();
        let after = numbers().filter(|&number| number > frame).min();
        match (before, after) {
            (Some(before), Some(after)) => TrackerError::FrameSkipped { frame, before, after },
            (Some(newest), None) => TrackerError::FrameToCome { frame, newest },
            (None, oldest) => TrackerError::FrameGone { frame, oldest, newest: numbers().max() },
        }
    }

    pub(super) fn forget(&mut self, objects: &[ObjectId]) {
        for frame in &mut self.frames {
            frame.before.retain(|object, _| !objects.contains(object));
            frame.prompts.retain(|object, _| !objects.contains(object));
        }
    }

    /// `frame_bytes` is what [`frame_bytes`] says.
    pub(super) fn view(&self, frame_bytes: u64) -> RingView {
        let encoded = self.frames.iter().filter(|frame| frame.features().is_some()).count();
        RingView {
            frames: self.frames.len() as u64,
            oldest: self.frames.front().map(|frame| frame.number),
            newest: self.frames.back().map(|frame| frame.number),
            bytes: encoded as u64 * frame_bytes,
        }
    }
}

/// Bytes of a frame's features, in f32: the map at the network's stride with all channels, and the levels with twice and four times
/// its side that the decoder looks at, which have a quarter and an eighth of the channels.
pub(super) fn frame_bytes(config: &ModelConfig) -> u64 {
    let (grid, channels) = (config.feature_grid(), config.d_model);
    let level = |side: usize, channels: usize| side * side * channels;
    let numbers = level(grid, channels) + level(2 * grid, channels / 4) + level(4 * grid, channels / 8);
    (numbers * size_of::<f32>()) as u64
}

//! The frames of a step, and the objects on them.

use std::time::Instant;

use maskd_model::{ImageFeatures, Kernels};
use maskd_types::{Latency, ObjectId, ObjectState};
use rayon::prelude::*;

use super::ahead::Encoded;
use super::batch::{self, Entry, Heads, Memory};
use super::ring::{Picture, RingFrame};
use super::stream::{Prompts, Tasks};
use super::{Engine, millis_since};
use crate::outcome::{describe, outline};
use crate::predictions::HostPredictions;
use crate::{Step, StreamFrame, TrackerError};

/// A frame on which there is something to do.
pub(super) struct Admitted<'a, B: Kernels> {
    /// Which of the frames of this step it is.
    index: usize,
    input: &'a StreamFrame<'a>,
    prompts: Prompts,
    /// What was made of it in the step before.
    ready: Option<Encoded<B>>,
    recorded: bool,
}

/// A frame that is on its way through the network.
pub(super) struct Running<'a, B: Kernels> {
    /// Which of the frames of this step it is.
    pub(super) index: usize,
    pub(super) input: &'a StreamFrame<'a>,
    pub(super) prompts: Prompts,
    image: ImageFeatures<B>,
    encode_ms: f64,
    recorded: bool,
    /// Objects that have reached the present with this frame.
    pub(super) caught_up: Vec<ObjectId>,
}

impl<B: Kernels> Engine<B> {
    /// Checks what a frame asks for; `None` where there is nothing to do on it.
    pub(super) fn admit<'a>(
        &mut self,
        index: usize,
        input: &'a StreamFrame<'a>,
    ) -> Result<Option<Admitted<'a, B>>, TrackerError> {
        let frame = input.frame;
        let stream = self.streams.entry(input.stream).or_default();
        let Tasks { removals, prompts } = stream.check(frame, input.actions, self.model.config().image_size)?;
        stream.remove(&removals);
        if stream.is_empty() && prompts.is_empty() {
            stream.idle(frame, self.options.prompt_ring_frames);
            return Ok(None);
        }
        let ready = stream.ahead.take(frame);
        let recorded = self.taps.as_mut().is_some_and(|taps| taps.begin(stream.clock()));
        Ok(Some(Admitted { index, input, prompts, ready, recorded }))
    }

    /// Encodes frames, each with its place in the step.
    pub(super) fn encode<'a>(
        &self,
        frames: Vec<Admitted<'a, B>>,
    ) -> Vec<(usize, Result<Running<'a, B>, TrackerError>)> {
        let model = &*self.model;
        let encode = |Admitted { index, input, prompts, ready, recorded }: Admitted<'a, B>| {
            let encoded = ready.map_or_else(|| Encoded::of(model, input.frame), Ok);
            let running = encoded.map(|Encoded { image, took_ms: encode_ms }| Running {
                index,
                input,
                prompts,
                image,
                encode_ms,
                recorded,
                caught_up: Vec::new(),
            });
            (index, running.map_err(TrackerError::from))
        };
        if self.uses_idle_threads() {
            frames.into_par_iter().map(encode).collect()
        } else {
            frames.into_iter().map(encode).collect()
        }
    }

    /// Tracks the objects of all these frames in one batch, together with those that catch up.
    pub(super) fn run(&mut self, running: &mut [Running<'_, B>]) -> Result<Vec<Step>, TrackerError> {
        let started = Instant::now();
        let riders = self.catch_up(running)?;
        self.keep_in_rings(running);
        let mut entries = self.work(running);
        entries.extend(self.side_work(&riders, running.len()));
        let Heads { keys, predictions, memories } = batch::run(&self.model, &entries, self.rules())?;
        let (live, side) = memories.into_iter().partition(|memory| memory.key.0 < running.len());
        self.learn(running, live);
        self.remember_side(&riders, running.len(), side);
        let places: Vec<usize> = keys.iter().map(|(place, _)| *place).collect();
        self.pass_side(&riders, running.len(), &places, &predictions);
        let track_ms = millis_since(started);
        if let Some(taps) = self.taps.as_mut().filter(|_| running.iter().any(|frame| frame.recorded)) {
            taps.end()?;
        }
        let steps = running.iter().enumerate().map(|(place, frame)| {
            let rows = keys.iter().enumerate().filter(|(_, (owner, _))| *owner == place);
            self.conclude(frame, &predictions, rows.map(|(row, (_, object))| (row, *object)).collect(), track_ms)
        });
        Ok(steps.collect())
    }

    /// Puts the frames where they can be prompted later, with the objects as they are before them.
    fn keep_in_rings(&mut self, running: &[Running<'_, B>]) {
        let capacity = self.options.prompt_ring_frames;
        if capacity == 0 {
            return;
        }
        for frame in running {
            let Some(stream) = self.streams.get_mut(&frame.input.stream) else { continue };
            let picture = Picture::Features(frame.image.clone());
            let mut kept = RingFrame::new(frame.input.frame, stream.clock(), picture);
            kept.before.clone_from(&stream.tracks);
            kept.prompts.clone_from(&frame.prompts);
            stream.ring.push(kept, capacity);
        }
    }

    /// Everything that is to be predicted on these frames.
    fn work<'r>(&'r self, running: &'r [Running<'_, B>]) -> Vec<Entry<'r, B>> {
        let mut entries = Vec::new();
        for (place, frame) in running.iter().enumerate() {
            let Some(stream) = self.streams.get(&frame.input.stream) else { continue };
            let entry = |object, bank| Entry {
                key: (place, object),
                image: &frame.image,
                prompt: frame.prompts.get(&object).map(|prompt| &**prompt),
                bank,
                learns: frame.input.frame.intact,
            };
            entries.extend(stream.banks().map(|(object, bank)| entry(object, Some((bank, stream.clock())))));
            entries.extend(frame.prompts.keys().filter(|object| !stream.has(**object)).map(|o| entry(*o, None)));
        }
        entries
    }

    /// Puts what the frames left behind into the banks; time goes on for the streams that something was learned from.
    fn learn(&mut self, running: &[Running<'_, B>], memories: Vec<Memory<B>>) {
        let limits = self.limits();
        for memory in memories {
            let (place, object) = memory.key;
            let stream = running.get(place).and_then(|frame| self.streams.get_mut(&frame.input.stream));
            if let Some(stream) = stream {
                stream.store(object, memory.map, memory.pointer, limits);
            }
        }
        for frame in running.iter().filter(|frame| frame.input.frame.intact) {
            if let Some(stream) = self.streams.get_mut(&frame.input.stream) {
                stream.pass();
            }
        }
    }

    /// The answer for one frame, from its rows of the predictions.
    fn conclude(
        &mut self,
        frame: &Running<'_, B>,
        predictions: &HostPredictions,
        rows: Vec<(usize, ObjectId)>,
        track_ms: f64,
    ) -> Step {
        let started = Instant::now();
        let size = [frame.input.frame.width, frame.input.frame.height];
        let mut stream = self.streams.get_mut(&frame.input.stream);
        let mut state = |object, in_sight| match &mut stream {
            Some(stream) => stream.next_state(object, in_sight),
            None => ObjectState::Visible,
        };
        let outlines: Vec<_> = rows.par_iter().map(|&(row, _)| outline(predictions, row, size)).collect();
        let objects = rows.iter().zip(outlines).map(|(&(row, object), outline)| {
            describe(object, predictions, row, outline, |in_sight| state(object, in_sight))
        });
        let objects = objects.collect();
        let total = frame.encode_ms + track_ms + millis_since(started);
        let logits = self.options.keep_logits.then(|| predictions.logits_of(rows.iter().map(|(row, _)| *row)));
        let latency = Latency { encode: frame.encode_ms, track: track_ms, total };
        Step { objects, caught_up: frame.caught_up.clone(), latency, logits }
    }
}

//! Prompts for frames that are past.

use std::sync::Arc;

use maskd_model::{Kernels, Sam2};
use maskd_types::{ObjectId, Prompt};

use super::Engine;
use super::batch::{self, Entry, Heads, Memory};
use super::catch_up::{Rider, SideTrack};
use super::ring::{Ring, Serial};
use super::stream::Stream;
use super::track::Track;
use crate::outcome::{describe, outline};
use crate::prompts::{ModelPrompt, to_model};
use crate::{Applied, StreamId, TrackerError};

/// A prompt and the frame it is meant for.
struct Past {
    stream: StreamId,
    object: ObjectId,
    serial: Serial,
    /// The source's number of that frame.
    number: u64,
    prompt: Arc<ModelPrompt>,
}

impl<B: Kernels> Engine<B> {
    pub(super) fn apply_past(
        &mut self,
        stream: StreamId,
        frame: u64,
        object: ObjectId,
        prompt: &Prompt,
    ) -> Result<Applied, TrackerError> {
        let past = self.check_past(stream, frame, object, prompt)?;
        for _ in 0..self.frames_before(&past) {
            self.ride(&[Rider { stream, object }])?;
        }
        self.apply(past)
    }

    /// Changes nothing where it fails.
    fn check_past(
        &self,
        stream: StreamId,
        number: u64,
        object: ObjectId,
        prompt: &Prompt,
    ) -> Result<Past, TrackerError> {
        let empty = Ring::default();
        let ring = self.streams.get(&stream).map_or(&empty, |stream| &stream.ring);
        let (serial, frame) = ring.find(number)?;
        if !frame.intact {
            return Err(TrackerError::DamagedFrame { object });
        }
        let prompt = Arc::new(to_model(object, prompt, frame.size, self.model.config().image_size)?);
        Ok(Past { stream, object, serial, number, prompt })
    }

    /// How many frames an object that catches up has to pass before it comes to that of the prompt.
    fn frames_before(&self, past: &Past) -> u64 {
        let side = self.streams.get(&past.stream).and_then(|stream| stream.side.get(&past.object));
        side.map_or(0, |side| past.serial.saturating_sub(side.next))
    }

    /// Does what [`Engine::step`] does with a prompt, on a frame of the ring.
    fn apply(&mut self, past: Past) -> Result<Applied, TrackerError> {
        let (limits, rules) = (self.limits(), self.rules());
        // The frame was found before; nothing has left the ring since.
        let gone = || TrackerError::FrameGone { frame: past.number, oldest: None, newest: None };
        let stream = self.streams.get_mut(&past.stream).ok_or_else(gone)?;
        stream.make_ready(&self.model, past.object, past.serial)?;
        let frame = stream.ring.get(past.serial).ok_or_else(gone)?;
        let before = frame.before.get(&past.object);
        let entry = Entry {
            key: (0, past.object),
            image: frame.features().ok_or_else(gone)?,
            prompt: Some(&past.prompt),
            bank: before.map(|track| (&track.bank, frame.clock)),
            learns: true,
        };
        let Heads { predictions, mut memories, .. } = batch::run(&self.model, &[entry], rules)?;
        // One object that learns leaves one memory.
        let Memory { map, pointer, .. } = memories.swap_remove(0);
        let mut track = Track::after(before.cloned(), frame.clock, map, pointer, limits);
        let state = |in_sight| track.visibility.next(in_sight);
        let object = describe(past.object, &predictions, 0, outline(&predictions, 0, frame.size), state);
        let behind = stream.follow(past.serial, past.object, past.prompt, track);
        Ok(Applied { frame: past.number, object, behind })
    }
}

impl<B: Kernels> Stream<B> {
    /// Makes a frame ready for a prompt: it is encoded, and knows how the object was before it.
    fn make_ready(&mut self, model: &Sam2<B>, object: ObjectId, serial: Serial) -> Result<(), TrackerError> {
        let Some(frame) = self.ring.get_mut(serial) else { return Ok(()) };
        frame.encode(model)?;
        // What the frame knows of an object that has not passed it yet is what it was before it was prompted further back.
        if let Some(side) = self.side.get(&object).filter(|side| side.next == serial) {
            frame.before.insert(object, side.track.clone());
        }
        Ok(())
    }

    /// Follows an object from a frame it was prompted on; over how many more frames is given back.
    fn follow(&mut self, serial: Serial, object: ObjectId, prompt: Arc<ModelPrompt>, track: Track<B>) -> u64 {
        if let Some(frame) = self.ring.get_mut(serial) {
            frame.prompts.insert(object, prompt);
        }
        let next = serial + 1;
        self.side.insert(object, SideTrack { track, next });
        self.arrive();
        self.ring.next().saturating_sub(next)
    }
}

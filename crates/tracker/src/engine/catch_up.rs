//! Objects that were prompted on a past frame: their way to the present.
//!
//! Each step of a stream takes them over a few of the frames in its ring, in one batch with all others that are on their way, and
//! the last of these batches is that of the step itself. None is skipped, so that an object sees what it would have seen, had it been
//! prompted in time.

use maskd_model::Kernels;
use maskd_types::ObjectId;

use super::Engine;
use super::batch::{self, Entry, Heads, Memory};
use super::live::Running;
use super::ring::Serial;
use super::stream::Stream;
use super::track::Track;
use crate::outcome::in_sight;
use crate::predictions::HostPredictions;
use crate::{StreamId, TrackerError};

/// Frames over which a step takes an object that catches up, the last of which may be the step's own. As each step adds a frame to
/// the ring, an object that is `n` frames behind arrives with the `n / 2`th step or so.
pub(super) const CATCH_UP_FRAMES: usize = 3;

/// A track that has not reached the present yet.
pub(super) struct SideTrack<B: Kernels> {
    pub(super) track: Track<B>,
    /// The frame it comes to next. It is in the ring: a step drops one frame of the ring at most and goes on by one at least.
    pub(super) next: Serial,
}

/// An object on the frame of the ring that it comes to next.
#[derive(Clone, Copy)]
pub(super) struct Rider {
    pub(super) stream: StreamId,
    pub(super) object: ObjectId,
}

impl<B: Kernels> Stream<B> {
    /// Frames of the ring that an object has yet to pass.
    fn ahead(&self, side: &SideTrack<B>) -> usize {
        usize::try_from(self.ring.next().saturating_sub(side.next)).unwrap_or(usize::MAX)
    }

    /// Side tracks that have passed all frames of the ring become tracks of the present, in place of those that were there.
    pub(super) fn arrive(&mut self) -> Vec<ObjectId> {
        let newest = self.ring.next();
        let arrived: Vec<ObjectId> =
            self.side.iter().filter(|(_, side)| side.next >= newest).map(|(object, _)| *object).collect();
        for object in &arrived {
            if let Some(side) = self.side.remove(object) {
                self.tracks.insert(*object, side.track);
            }
        }
        arrived
    }

    /// What is to be predicted of an object on the frame it comes to next.
    fn entry(&self, object: ObjectId, place: usize) -> Option<Entry<'_, B>> {
        let side = self.side.get(&object)?;
        let frame = self.ring.get(side.next)?;
        Some(Entry {
            key: (place, object),
            image: frame.features()?,
            prompt: frame.prompts.get(&object).map(|prompt| &**prompt),
            bank: Some((&side.track.bank, frame.clock)),
            learns: frame.intact,
        })
    }
}

impl<B: Kernels> Engine<B> {
    /// Takes the objects that catch up in these frames' streams as far as they come before the last batch of the step: `running` are
    /// told who has arrived, the others are given back for that batch.
    pub(super) fn catch_up(&mut self, running: &mut [Running<'_, B>]) -> Result<Vec<Rider>, TrackerError> {
        let plan: Vec<(Rider, usize)> = running.iter().flat_map(|frame| self.plan(frame)).collect();
        let rounds = plan.iter().map(|(_, frames)| *frames).max().unwrap_or_default();
        // Whoever has a shorter way comes in later, so that the last rounds, like the step itself, are shared.
        for round in (1..=rounds).rev() {
            let riders: Vec<Rider> = plan.iter().filter(|(_, n)| *n >= round).map(|(rider, _)| *rider).collect();
            self.ride(&riders)?;
        }
        for frame in running {
            if let Some(stream) = self.streams.get_mut(&frame.input.stream) {
                frame.caught_up = stream.arrive();
            }
        }
        let under_way =
            |rider: &Rider| self.streams.get(&rider.stream).is_some_and(|s| s.side.contains_key(&rider.object));
        let riders: Vec<Rider> = plan.into_iter().map(|(rider, _)| rider).filter(under_way).collect();
        self.prepare(&riders)?;
        Ok(riders)
    }

    /// How many frames the objects that catch up are to pass before the step's last batch. One that something is said about on the
    /// present frame goes all the way, so that it can be corrected there.
    fn plan(&self, frame: &Running<'_, B>) -> Vec<(Rider, usize)> {
        let Some(stream) = self.streams.get(&frame.input.stream) else { return Vec::new() };
        let frames = |object: &ObjectId, side: &SideTrack<B>| {
            let ahead = stream.ahead(side);
            let arrives = ahead < CATCH_UP_FRAMES || frame.prompts.contains_key(object);
            if arrives { ahead } else { CATCH_UP_FRAMES - 1 }
        };
        let rider = |object: &ObjectId| Rider { stream: frame.input.stream, object: *object };
        stream.side.iter().map(|(object, side)| (rider(object), frames(object, side))).collect()
    }

    /// Takes each of these objects over one frame.
    pub(super) fn ride(&mut self, riders: &[Rider]) -> Result<(), TrackerError> {
        self.prepare(riders)?;
        let entries = self.side_work(riders, 0);
        let Heads { keys, predictions, memories } = batch::run(&self.model, &entries, self.rules())?;
        self.remember_side(riders, 0, memories);
        let places: Vec<usize> = keys.iter().map(|(place, _)| *place).collect();
        self.pass_side(riders, 0, &places, &predictions);
        Ok(())
    }

    /// Makes the frames that objects come to next ready: they are encoded, and know how the objects were before them.
    fn prepare(&mut self, riders: &[Rider]) -> Result<(), TrackerError> {
        for rider in riders {
            let Some(stream) = self.streams.get_mut(&rider.stream) else { continue };
            let Some(side) = stream.side.get(&rider.object) else { continue };
            if let Some(frame) = stream.ring.get_mut(side.next) {
                frame.encode(&self.model)?;
                frame.before.insert(rider.object, side.track.clone());
            }
        }
        Ok(())
    }

    /// What is to be predicted of these objects; the first of them gets the key's place `first`.
    pub(super) fn side_work(&self, riders: &[Rider], first: usize) -> Vec<Entry<'_, B>> {
        let entry =
            |(index, rider): (usize, &Rider)| self.streams.get(&rider.stream)?.entry(rider.object, first + index);
        riders.iter().enumerate().filter_map(entry).collect()
    }

    /// Puts what their frames left behind into the banks of these objects.
    pub(super) fn remember_side(&mut self, riders: &[Rider], first: usize, memories: Vec<Memory<B>>) {
        for memory in memories {
            let rider = memory.key.0.checked_sub(first).and_then(|index| riders.get(index));
            let Some(stream) = rider.and_then(|rider| self.streams.get_mut(&rider.stream)) else { continue };
            let Some(side) = stream.side.get_mut(&memory.key.1) else { continue };
            if let Some(frame) = stream.ring.get(side.next) {
                side.track.bank.push(frame.clock, memory.map, memory.pointer);
            }
        }
    }

    /// Goes on to the next frame with these objects. `places` are the places in the keys of all `predictions`.
    pub(super) fn pass_side(
        &mut self,
        riders: &[Rider],
        first: usize,
        places: &[usize],
        predictions: &HostPredictions,
    ) {
        for (row, place) in places.iter().enumerate() {
            let Some(rider) = place.checked_sub(first).and_then(|index| riders.get(index)) else { continue };
            let Some(stream) = self.streams.get_mut(&rider.stream) else { continue };
            let Some(side) = stream.side.get_mut(&rider.object) else { continue };
            if let Some(frame) = stream.ring.get(side.next) {
                side.track.visibility.next(in_sight(predictions, row, frame.size));
            }
            side.next += 1;
        }
    }
}

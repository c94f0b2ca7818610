//! What is remembered of one stream.

use std::collections::BTreeMap;
use std::sync::Arc;

use burn_tensor::Tensor;
use maskd_model::Kernels;
use maskd_types::{Action, Frame, ObjectId, ObjectState};

use super::ahead::Ahead;
use super::catch_up::SideTrack;
use super::ring::{Picture, Ring, RingFrame};
use super::track::{Limits, Track};
use crate::TrackerError;
use crate::memories::TensorBank;
use crate::prompts::{ModelPrompt, to_model};

/// The tracks of a stream.
pub(super) struct Stream<B: Kernels> {
    /// Those that have reached the present.
    pub(super) tracks: BTreeMap<ObjectId, Track<B>>,
    /// Those on their way to it, of objects that may have a track in the present as well.
    pub(super) side: BTreeMap<ObjectId, SideTrack<B>>,
    pub(super) ring: Ring<B>,
    pub(super) ahead: Ahead<B>,
    /// Frames stepped over so far. The network counts these, not the source's frames: what a live source dropped was not seen.
    clock: u64,
}

impl<B: Kernels> Default for Stream<B> {
    fn default() -> Self {
        Self {
            tracks: BTreeMap::new(),
            side: BTreeMap::new(),
            ring: Ring::default(),
            ahead: Ahead::default(),
            clock: 0,
        }
    }
}

pub(super) type Prompts = BTreeMap<ObjectId, Arc<ModelPrompt>>;

/// What a frame's actions come to.
pub(super) struct Tasks {
    pub(super) removals: Vec<ObjectId>,
    pub(super) prompts: Prompts,
}

impl<B: Kernels> Stream<B> {
    /// Changes nothing where it fails.
    pub(super) fn check(
        &self,
        frame: &Frame,
        actions: &[(ObjectId, Action)],
        image_size: usize,
    ) -> Result<Tasks, TrackerError> {
        let mut tasks = Tasks { removals: Vec::new(), prompts: Prompts::new() };
        for (object, action) in actions {
            let object = *object;
            match action {
                Action::Remove if self.knows(object) => tasks.removals.push(object),
                Action::Remove => return Err(TrackerError::UnknownObject { object, known: self.objects() }),
                Action::Prompt(_) if !frame.intact => return Err(TrackerError::DamagedFrame { object }),
                Action::Prompt(prompt) => {
                    let prompt = to_model(object, prompt, [frame.width, frame.height], image_size)?;
                    if tasks.prompts.insert(object, Arc::new(prompt)).is_some() {
                        return Err(TrackerError::SecondPrompt { object });
                    }
                }
            }
        }
        Ok(tasks)
    }

    /// Forgets objects, those of the past as well: who prompts one of them on a past frame begins anew.
    pub(super) fn remove(&mut self, objects: &[ObjectId]) {
        self.tracks.retain(|object, _| !objects.contains(object));
        self.side.retain(|object, _| !objects.contains(object));
        self.ring.forget(objects);
    }

    /// Writes what this frame leaves behind for an object, which may be its first.
    pub(super) fn store(&mut self, object: ObjectId, map: Tensor<B, 3>, pointer: Tensor<B, 2>, limits: Limits) {
        let before = self.tracks.remove(&object);
        self.tracks.insert(object, Track::after(before, self.clock, map, pointer, limits));
    }

    /// The same with what an earlier process saved: what was on its way to the present does not take its place.
    pub(super) fn restore(&mut self, object: ObjectId, map: Tensor<B, 3>, pointer: Tensor<B, 2>, limits: Limits) {
        self.side.remove(&object);
        self.store(object, map, pointer, limits);
    }

    /// Goes over a frame on which there is nothing to track. It may be prompted later, unless it could not be encoded then.
    pub(super) fn idle(&mut self, frame: &Frame, ring_frames: usize) {
        self.ahead = Ahead::default();
        let pixels = frame.width as usize * frame.height as usize;
        if ring_frames > 0 && pixels > 0 && frame.rgb.len() == pixels * 3 {
            let picture = Picture::Pixels(Arc::clone(&frame.rgb));
            self.ring.push(RingFrame::new(frame, self.clock, picture), ring_frames);
        }
        // A damaged frame leaves no trace, whether or not anybody is tracked on it.
        if frame.intact {
            self.pass();
        }
    }

    /// Goes on to the next frame.
    pub(super) fn pass(&mut self) {
        self.clock += 1;
    }

    pub(super) fn next_state(&mut self, object: ObjectId, in_sight: bool) -> ObjectState {
        match self.tracks.get_mut(&object) {
            Some(track) => track.visibility.next(in_sight),
            None => ObjectState::Visible,
        }
    }

    pub(super) fn interrupted(&mut self) {
        self.all_tracks_mut().for_each(|track| track.visibility.interrupted());
    }

    pub(super) fn clock(&self) -> u64 {
        self.clock
    }

    /// Whether there is nothing to track.
    pub(super) fn is_empty(&self) -> bool {
        self.tracks.is_empty() && self.side.is_empty()
    }

    /// Whether an object is tracked in the present.
    pub(super) fn has(&self, object: ObjectId) -> bool {
        self.tracks.contains_key(&object)
    }

    /// Whether an object is tracked in the present or on its way there.
    pub(super) fn knows(&self, object: ObjectId) -> bool {
        self.has(object) || self.side.contains_key(&object)
    }

    /// In the order of their ids.
    pub(super) fn objects(&self) -> Vec<ObjectId> {
        let mut objects: Vec<ObjectId> = self.tracks.keys().chain(self.side.keys()).copied().collect();
        objects.sort_unstable();
        objects.dedup();
        objects
    }

    /// Of the tracks in the present.
    pub(super) fn banks(&self) -> impl Iterator<Item = (ObjectId, &TensorBank<B>)> {
        self.tracks.iter().map(|(object, track)| (*object, &track.bank))
    }

    /// Of all objects: of those on their way to the present, the bank that will be theirs when they get there.
    pub(super) fn latest_banks(&self) -> BTreeMap<ObjectId, &TensorBank<B>> {
        let mut banks: BTreeMap<_, _> = self.banks().collect();
        banks.extend(self.side.iter().map(|(object, side)| (*object, &side.track.bank)));
        banks
    }

    pub(super) fn bank_bytes(&self) -> u64 {
        let side = self.side.values().map(|side| &side.track);
        self.tracks.values().chain(side).map(|track| track.bank.bytes()).sum()
    }

    fn all_tracks_mut(&mut self) -> impl Iterator<Item = &mut Track<B>> {
        self.tracks.values_mut().chain(self.side.values_mut().map(|side| &mut side.track))
    }
}

//! What is remembered of one stream.

use std::collections::BTreeMap;

use burn_tensor::Tensor;
use maskd_model::Kernels;
use maskd_types::{Action, Frame, ObjectId, ObjectState};

use crate::TrackerError;
use crate::memories::TensorBank;
use crate::prompts::{ModelPrompt, to_model};
use crate::visibility::Visibility;

/// One tracked object.
struct Track<B: Kernels> {
    bank: TensorBank<B>,
    visibility: Visibility,
}

/// The tracks of a stream.
pub(super) struct Stream<B: Kernels> {
    tracks: BTreeMap<ObjectId, Track<B>>,
    /// Frames stepped over so far. The network counts these, not the source's frames: what a live source dropped was not seen.
    clock: u64,
}

impl<B: Kernels> Default for Stream<B> {
    fn default() -> Self {
        Self { tracks: BTreeMap::new(), clock: 0 }
    }
}

pub(super) type Prompts = BTreeMap<ObjectId, ModelPrompt>;

/// What a frame's actions come to.
pub(super) struct Tasks {
    pub(super) removals: Vec<ObjectId>,
    pub(super) prompts: Prompts,
}

/// How large a track may become.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) slots: usize,
    pub(super) pointers: usize,
    pub(super) lost_after_frames: u32,
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
                Action::Remove if self.has(object) => tasks.removals.push(object),
                Action::Remove => return Err(TrackerError::UnknownObject { object, known: self.objects() }),
                Action::Prompt(_) if !frame.intact => return Err(TrackerError::DamagedFrame { object }),
                Action::Prompt(prompt) => {
                    let prompt = to_model(object, prompt, frame, image_size)?;
                    if tasks.prompts.insert(object, prompt).is_some() {
                        return Err(TrackerError::SecondPrompt { object });
                    }
                }
            }
        }
        Ok(tasks)
    }

    pub(super) fn remove(&mut self, objects: &[ObjectId]) {
        self.tracks.retain(|object, _| !objects.contains(object));
    }

    /// Writes what this frame leaves behind for an object, which may be its first.
    pub(super) fn store(&mut self, object: ObjectId, map: Tensor<B, 3>, pointer: Tensor<B, 2>, limits: Limits) {
        if let Some(track) = self.tracks.get_mut(&object) {
            track.bank.push(self.clock, map, pointer);
            return;
        }
        let bank = TensorBank::new(limits.slots, limits.pointers, self.clock, map, pointer);
        self.tracks.insert(object, Track { bank, visibility: Visibility::new(limits.lost_after_frames) });
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
        self.tracks.values_mut().for_each(|track| track.visibility.interrupted());
    }

    pub(super) fn clock(&self) -> u64 {
        self.clock
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tracks.is_empty()
    }

    pub(super) fn has(&self, object: ObjectId) -> bool {
        self.tracks.contains_key(&object)
    }

    pub(super) fn objects(&self) -> Vec<ObjectId> {
        self.tracks.keys().copied().collect()
    }

    pub(super) fn banks(&self) -> impl Iterator<Item = (ObjectId, &TensorBank<B>)> {
        self.tracks.iter().map(|(object, track)| (*object, &track.bank))
    }

    pub(super) fn bank_bytes(&self) -> u64 {
        self.tracks.values().map(|track| track.bank.bytes()).sum()
    }
}

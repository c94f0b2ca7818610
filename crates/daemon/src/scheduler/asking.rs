//! What people have asked of a stream's objects and what is not done yet.

use std::collections::{BTreeMap, VecDeque};

use maskd_types::{Action, Frame, ObjectId, Prompt};
use tokio::sync::oneshot;

use crate::control::{Prompted, Reply};

/// A prompt that waits for the next frame.
pub(super) struct Asked {
    pub(super) object: ObjectId,
    pub(super) prompt: Prompt,
    pub(super) reply: Reply<Prompted>,
}

impl Asked {
    pub(super) fn action(&self) -> (ObjectId, Action) {
        (self.object, Action::Prompt(self.prompt.clone()))
    }
}

/// Whoever asked may be gone when the answer comes: nobody minds.
#[derive(Default)]
pub(super) struct Asking {
    waiting: VecDeque<Asked>,
    catching_up: BTreeMap<ObjectId, oneshot::Sender<u64>>,
    /// Objects that somebody spoke about since the last frame.
    spoken_of: Vec<ObjectId>,
    /// The highest id that was given out.
    highest: u32,
}

impl Asking {
    /// An id that neither is in use nor was: names in recordings stay unique.
    pub(super) fn free_id(&mut self, in_use: impl Iterator<Item = ObjectId>) -> ObjectId {
        let highest = in_use.map(ObjectId::get).fold(self.highest, u32::max);
        let free = ObjectId::new(highest.wrapping_add(1)).unwrap_or(ObjectId::FIRST);
        self.highest = free.get();
        free
    }

    pub(super) fn wait(&mut self, asked: Asked) {
        self.waiting.push_back(asked);
    }

    /// Prompts that wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The next prompt, for a frame on which something can be said.
    pub(super) fn next(&mut self, frame: &Frame) -> Option<Asked> {
        frame.intact.then(|| self.waiting.pop_front()).flatten()
    }

    /// A prompt was applied to the newest frame.
    pub(super) fn applied(&mut self, object: ObjectId) {
        self.spoken_of.push(object);
    }

    /// A prompt was applied to a past frame; `tell` is told of the frame on which the present is reached.
    pub(super) fn applied_to_past(&mut self, object: ObjectId, tell: oneshot::Sender<u64>) {
        self.catching_up.insert(object, tell);
    }

    pub(super) fn caught_up(&mut self, objects: &[ObjectId], frame: u64) {
        for object in objects {
            self.spoken_of.push(*object);
            self.catching_up.remove(object).map(|tell| tell.send(frame));
        }
    }

    pub(super) fn forget(&mut self, object: ObjectId) {
        self.catching_up.remove(&object);
    }

    pub(super) fn take_spoken_of(&mut self) -> Vec<ObjectId> {
        std::mem::take(&mut self.spoken_of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(id: u32) -> ObjectId {
        ObjectId::new(id).unwrap()
    }

    #[test]
    fn ids_are_never_given_out_twice() {
        let mut asking = Asking::default();
        assert_eq!(asking.free_id([id(2), id(7)].into_iter()), id(8));
        assert_eq!(asking.free_id([].into_iter()), id(9));
        assert_eq!(asking.free_id([id(u32::MAX)].into_iter()), ObjectId::FIRST);
    }

    #[test]
    fn who_asked_learns_when_the_present_is_reached() {
        let mut asking = Asking::default();
        let (tell, mut told) = oneshot::channel();
        asking.applied_to_past(id(1), tell);
        asking.caught_up(&[id(2)], 5);
        assert!(told.try_recv().is_err());
        asking.caught_up(&[id(1)], 6);
        assert_eq!((told.try_recv(), asking.take_spoken_of()), (Ok(6), vec![id(2), id(1)]));
        let (tell, mut told) = oneshot::channel();
        asking.applied_to_past(id(1), tell);
        asking.forget(id(1));
        assert_eq!(told.try_recv(), Err(oneshot::error::TryRecvError::Closed));
    }
}

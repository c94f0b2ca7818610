//! What happens to objects, told once when it happens.

use std::collections::BTreeMap;

use maskd_types::{ObjectEventKind, ObjectId, ObjectState, TrackedObject};

/// The objects of a stream as they were on its last frame.
#[derive(Debug, Default)]
pub(super) struct Known {
    objects: BTreeMap<ObjectId, ObjectState>,
}

impl Known {
    /// What has happened between the last frame and this one; `prompted` are the objects that somebody spoke about on it.
    pub(super) fn compare(
        &mut self,
        objects: &[TrackedObject],
        prompted: &[ObjectId],
    ) -> Vec<(ObjectId, ObjectEventKind)> {
        let now: BTreeMap<ObjectId, ObjectState> = objects.iter().map(|object| (object.id, object.state)).collect();
        let gone = self.objects.keys().filter(|object| !now.contains_key(object));
        let mut events: Vec<_> = gone.map(|object| (*object, ObjectEventKind::End)).collect();
        for (object, state) in &now {
            let before = self.objects.get(object);
            if before.is_some() && prompted.contains(object) {
                events.push((*object, ObjectEventKind::Update));
            }
            events.extend(change(before.copied(), *state).map(|kind| (*object, kind)));
        }
        self.objects = now;
        events
    }

    /// Forgets one object; whether it was known.
    pub(super) fn forget(&mut self, object: ObjectId) -> bool {
        self.objects.remove(&object).is_some()
    }

    /// All objects, which are forgotten.
    pub(super) fn take(&mut self) -> Vec<ObjectId> {
        std::mem::take(&mut self.objects).into_keys().collect()
    }
}

fn change(before: Option<ObjectState>, now: ObjectState) -> Option<ObjectEventKind> {
    match (before, now) {
        (None, _) => Some(ObjectEventKind::New),
        (Some(before), now) if before == now => None,
        (_, ObjectState::Occluded) => Some(ObjectEventKind::Occluded),
        (_, ObjectState::Lost) => Some(ObjectEventKind::Lost),
        (_, ObjectState::Reacquired) => Some(ObjectEventKind::Reacquired),
        // From being reacquired to being visible nothing happens.
        (_, ObjectState::Visible) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ObjectEventKind::{End, Lost, New, Occluded, Reacquired, Update};
    use maskd_types::Rle;

    fn object(id: u32, state: ObjectState) -> TrackedObject {
        TrackedObject {
            id: ObjectId::new(id).unwrap(),
            name: None,
            state,
            score: 1.0,
            iou: 1.0,
            bbox: None,
            area: 0,
            centroid: None,
            mask: Rle::empty(1, 1),
        }
    }

    fn kinds(known: &mut Known, states: &[(u32, ObjectState)], prompted: &[u32]) -> Vec<(u32, ObjectEventKind)> {
        let objects: Vec<_> = states.iter().map(|(id, state)| object(*id, *state)).collect();
        let prompted: Vec<_> = prompted.iter().filter_map(|id| ObjectId::new(*id)).collect();
        known.compare(&objects, &prompted).into_iter().map(|(id, kind)| (id.get(), kind)).collect()
    }

    #[test]
    fn every_change_is_told_once() {
        let mut known = Known::default();
        let states = [
            (ObjectState::Visible, vec![(1, New)]),
            (ObjectState::Visible, vec![]),
            (ObjectState::Occluded, vec![(1, Occluded)]),
            (ObjectState::Occluded, vec![]),
            (ObjectState::Lost, vec![(1, Lost)]),
            (ObjectState::Reacquired, vec![(1, Reacquired)]),
            (ObjectState::Visible, vec![]),
        ];
        for (state, expected) in states {
            assert_eq!(kinds(&mut known, &[(1, state)], &[]), expected);
        }
    }

    #[test]
    fn prompts_and_removals_are_events() {
        let mut known = Known::default();
        assert_eq!(kinds(&mut known, &[(1, ObjectState::Visible)], &[1]), [(1, New)]);
        assert_eq!(kinds(&mut known, &[(1, ObjectState::Visible)], &[1]), [(1, Update)]);
        assert_eq!(kinds(&mut known, &[(2, ObjectState::Visible)], &[2]), [(1, End), (2, New)]);
        assert_eq!(known.take(), [ObjectId::new(2).unwrap()]);
        assert_eq!(kinds(&mut known, &[], &[]), []);
    }
}

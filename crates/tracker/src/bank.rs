//! What an object remembers: the frame it was prompted on and the last few it was tracked on.
//!
//! A bank has a fixed size. Hours of video cost what seconds cost.

use std::collections::VecDeque;

/// What a frame left behind for an object.
#[derive(Clone, Debug)]
struct Entry<M, P> {
    frame: u64,
    /// `None` once the frame is too old for its map to be looked at; its pointer is looked at for longer.
    map: Option<M>,
    pointer: P,
}

/// A memory map and where in time it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BankedMap<'a, M> {
    /// Which learned age it gets: 0 for the frame before, then backwards; the last one is for the prompted frame.
    pub(crate) slot: usize,
    pub(crate) map: &'a M,
}

/// An object pointer and how many frames ago it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BankedPointer<'a, P> {
    pub(crate) age: u64,
    pub(crate) pointer: &'a P,
}

/// The memory bank of one object, as SAM 2 keeps it (`_prepare_memory_conditioned_features` in `modeling/sam2_base.py`): the prompted
/// frame, the maps of the last `slots - 1` frames and the pointers of the last `pointers - 1`.
///
/// The reference remembers every frame and looks at these. Since it never looks at the others again, nothing else needs to be
/// kept.
#[derive(Clone, Debug)]
pub(crate) struct Bank<M, P> {
    slots: usize,
    pointers: usize,
    prompted: Entry<M, P>,
    /// Youngest first; never longer than the greater of the two limits.
    recent: VecDeque<Entry<M, P>>,
}

impl<M, P> Bank<M, P> {
    /// A bank that begins with the frame on which the object was prompted for the first time.
    pub(crate) fn new(slots: usize, pointers: usize, frame: u64, map: M, pointer: P) -> Self {
        let prompted = Entry { frame, map: Some(map), pointer };
        Self { slots, pointers, prompted, recent: VecDeque::with_capacity(slots.max(pointers)) }
    }

    /// Adds what a tracked frame left behind; frames come in order.
    pub(crate) fn push(&mut self, frame: u64, map: M, pointer: P) {
        self.recent.push_front(Entry { frame, map: Some(map), pointer });
        let oldest_map = self.slots.saturating_sub(1);
        for entry in self.recent.iter_mut().skip(oldest_map) {
            entry.map = None;
        }
        self.recent.truncate(oldest_map.max(self.pointers.saturating_sub(1)));
    }

    /// Map and pointer of the frame the object was prompted on; `None` where its map is gone, which never happens to it.
    pub(crate) fn prompted(&self) -> Option<(&M, &P)> {
        Some((self.prompted.map.as_ref()?, &self.prompted.pointer))
    }

    /// Everything that is held, whether or not it is still looked at.
    pub(crate) fn held(&self) -> impl Iterator<Item = (Option<&M>, &P)> {
        std::iter::once(&self.prompted).chain(&self.recent).map(|entry| (entry.map.as_ref(), &entry.pointer))
    }

    /// Maps that are looked at from `frame`: the prompted one, then the recent ones from the oldest on.
    pub(crate) fn maps(&self, frame: u64) -> impl Iterator<Item = BankedMap<'_, M>> {
        let prompted = self.prompted.map.iter().map(|map| BankedMap { slot: self.slots - 1, map });
        let recent = self.recent.iter().rev().filter_map(move |entry| {
            // At least 1: the frame itself is not in its own memory.
            let age = usize::try_from(frame.checked_sub(entry.frame)?).ok()?;
            let slot = age.checked_sub(1)?;
            (age < self.slots).then_some(BankedMap { slot, map: entry.map.as_ref()? })
        });
        prompted.chain(recent)
    }

    /// Pointers that are looked at from `frame`: the prompted one, then the recent ones from the youngest on.
    pub(crate) fn pointers(&self, frame: u64) -> impl Iterator<Item = BankedPointer<'_, P>> {
        let age_of = move |entry: &Entry<M, P>| frame.saturating_sub(entry.frame);
        let prompted = BankedPointer { age: age_of(&self.prompted), pointer: &self.prompted.pointer };
        let oldest = self.pointers as u64;
        let recent = self
            .recent
            .iter()
            .map(move |entry| BankedPointer { age: age_of(entry), pointer: &entry.pointer })
            .filter(move |banked| (1..oldest).contains(&banked.age));
        std::iter::once(prompted).chain(recent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Maps and pointers of the frame they came from.
    fn bank_after(first: u64, frames: u64, slots: usize, pointers: usize) -> Bank<u64, u64> {
        let mut bank = Bank::new(slots, pointers, first, first, first);
        (first + 1..=first + frames).for_each(|frame| bank.push(frame, frame, frame));
        bank
    }

    #[test]
    fn a_young_bank_holds_all_frames_in_the_order_of_the_reference() {
        let bank = bank_after(10, 3, 7, 16);
        let maps: Vec<_> = bank.maps(14).map(|m| (m.slot, *m.map)).collect();
        assert_eq!(maps, [(6, 10), (2, 11), (1, 12), (0, 13)]);
        let pointers: Vec<_> = bank.pointers(14).map(|p| (p.age, *p.pointer)).collect();
        assert_eq!(pointers, [(4, 10), (1, 13), (2, 12), (3, 11)]);
    }

    #[test]
    fn a_full_bank_holds_seven_maps_and_sixteen_pointers() {
        let bank = bank_after(0, 500, 7, 16);
        let maps: Vec<_> = bank.maps(501).map(|m| *m.map).collect();
        assert_eq!(maps, [0, 495, 496, 497, 498, 499, 500]);
        let ages: Vec<_> = bank.pointers(501).map(|p| p.age).collect();
        assert_eq!(ages, [&[501][..], &(1..=15).collect::<Vec<_>>()].concat());
    }

    #[test]
    fn short_videos_have_fewer_pointers() {
        let ages: Vec<_> = bank_after(0, 11, 7, 5).pointers(12).map(|p| p.age).collect();
        assert_eq!(ages, [12, 1, 2, 3, 4]);
    }

    proptest! {
        #[test]
        fn no_bank_outgrows_its_slots(frames in 0u64..200, slots in 1usize..10, pointers in 1usize..20) {
            let bank = bank_after(0, frames, slots, pointers);
            prop_assert!(bank.maps(frames + 1).count() <= slots);
            prop_assert!(bank.pointers(frames + 1).count() <= pointers);
            prop_assert!(bank.recent.len() < slots.max(pointers));
            prop_assert!(bank.recent.iter().filter(|e| e.map.is_some()).count() < slots);
        }
    }
}

use std::collections::VecDeque;

/// A gap touches two units, and they reach the decoder right behind it: as one of the next so many. A time alone says
/// little, since there are cameras whose clock stands still.
const REACH: u64 = 4;

/// How many damaged units are remembered.
const REMEMBERED: usize = 8;

/// Follows whether what reaches a decoder can be decoded to the picture that was coded: from a loss on it cannot, until
/// a key unit comes that is whole itself. Times are presentation times in nanoseconds.
#[derive(Debug)]
pub(super) struct Recovery {
    last: Option<Packet>,
    /// Times of units that lack a part, with the number of units that had passed when it was noticed.
    broken: VecDeque<(u64, u64)>,
    units: u64,
    awaiting_key: bool,
    /// Time of the key unit that ended a loss, as long as pictures may come that are shown before it: those refer to
    /// what was lost.
    resumed_at: Option<u64>,
    packets_lost: u64,
}

/// What is seen of an RTP packet behind the jitter buffer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet {
    pub sequence: u16,
    pub pts: Option<u64>,
    /// Whether it is the last one of its picture; not every sender tells.
    pub last_of_unit: bool,
}

/// What is seen of a coded picture on its way into the decoder.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    pub pts: Option<u64>,
    /// Whether it can be decoded by itself.
    pub key: bool,
    /// Whether an element found it damaged.
    pub corrupted: bool,
    /// Whether something is missing in front of it.
    pub discontinuous: bool,
}

impl Recovery {
    /// A stream that is joined in the middle waits for a key unit like one that has lost something.
    pub(super) fn new() -> Self {
        Self {
            last: None,
            broken: VecDeque::with_capacity(REMEMBERED),
            units: 0,
            awaiting_key: true,
            resumed_at: None,
            packets_lost: 0,
        }
    }

    /// RTP packets that never came.
    pub(super) fn packets_lost(&self) -> u64 {
        self.packets_lost
    }

    /// Whether a picture that no unit is known of can be trusted.
    pub(super) fn is_sound(&self) -> bool {
        !self.awaiting_key
    }

    /// Takes note of a packet, in the order in which the depayloader gets them.
    pub(super) fn packet(&mut self, packet: Packet) {
        if let Some(last) = self.last.replace(packet) {
            let missing = packet.sequence.wrapping_sub(last.sequence).wrapping_sub(1);
            if missing != 0 {
                self.gap(last, packet, missing);
            }
        }
    }

    fn gap(&mut self, before: Packet, after: Packet, missing: u16) {
        // Numbers that go back are a sender that began anew: something is missing, but nobody knows how much.
        if missing < 1 << 15 {
            self.packets_lost += u64::from(missing);
        }
        self.awaiting_key = true;
        let cut = before.pts.filter(|_| !before.last_of_unit);
        for pts in cut.into_iter().chain(after.pts) {
            if self.broken.len() == REMEMBERED {
                self.broken.pop_front();
            }
            self.broken.push_back((pts, self.units));
        }
    }

    fn lacks_a_part(&self, pts: Option<u64>) -> bool {
        let near = |&(own, noticed): &(u64, u64)| pts == Some(own) && self.units - noticed < REACH;
        self.broken.iter().any(near)
    }

    /// Takes note of a unit, in the order of decoding; gives whether its picture will be as it was coded.
    pub(super) fn unit(&mut self, unit: Unit) -> bool {
        let broken = unit.corrupted || self.lacks_a_part(unit.pts);
        self.units += 1;
        if broken || (unit.discontinuous && !unit.key) {
            self.awaiting_key = true;
        }
        if broken || (self.awaiting_key && !unit.key) {
            return false;
        }
        if unit.key {
            self.resumed_at = unit.pts.filter(|_| self.awaiting_key);
            self.awaiting_key = false;
            return true;
        }
        if unit.pts < self.resumed_at {
            return false;
        }
        self.resumed_at = None;
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DELTA: Unit = Unit { pts: None, key: false, corrupted: false, discontinuous: false };

    fn unit(pts: u64, key: bool) -> Unit {
        Unit { pts: Some(pts), key, ..DELTA }
    }

    fn packet(sequence: u16, pts: u64, last_of_unit: bool) -> Packet {
        Packet { sequence, pts: Some(pts), last_of_unit }
    }

    /// After a key unit and one more.
    fn running() -> Recovery {
        let mut recovery = Recovery::new();
        recovery.packet(packet(65_534, 0, true));
        assert!(recovery.unit(unit(0, true)));
        recovery.packet(packet(65_535, 40, true));
        assert!(recovery.unit(unit(40, false)));
        recovery
    }

    #[test]
    fn a_stream_joined_in_the_middle_waits_for_a_key() {
        let mut recovery = Recovery::new();
        assert!(!recovery.is_sound());
        assert!(!recovery.unit(unit(0, false)));
        assert!(recovery.unit(unit(40, true)));
        assert!(recovery.unit(unit(80, false)) && recovery.is_sound());
    }

    #[test]
    fn sequence_numbers_wrap_without_a_loss() {
        let mut recovery = running();
        recovery.packet(packet(0, 80, true));
        assert!(recovery.unit(unit(80, false)));
        assert_eq!(recovery.packets_lost(), 0);
    }

    #[test]
    fn a_loss_lasts_until_the_next_key() {
        let mut recovery = running();
        recovery.packet(packet(3, 120, true));
        assert_eq!(recovery.packets_lost(), 3);
        assert!(!recovery.unit(unit(120, false)));
        recovery.packet(packet(4, 160, true));
        assert!(!recovery.unit(unit(160, false)));
        recovery.packet(packet(5, 200, true));
        assert!(recovery.unit(unit(200, true)));
        recovery.packet(packet(6, 240, true));
        assert!(recovery.unit(unit(240, false)));
    }

    #[test]
    fn a_key_that_lacks_a_part_ends_nothing() {
        let mut recovery = running();
        recovery.packet(packet(0, 80, false));
        recovery.packet(packet(2, 80, true));
        assert!(!recovery.unit(unit(80, true)));
        recovery.packet(packet(3, 120, true));
        assert!(!recovery.unit(unit(120, false)));
        recovery.packet(packet(4, 160, true));
        assert!(recovery.unit(unit(160, true)));
    }

    #[test]
    fn a_unit_whose_end_is_lost_is_broken_too() {
        let mut recovery = running();
        recovery.packet(packet(0, 80, false));
        recovery.packet(packet(2, 120, true));
        assert!(!recovery.unit(unit(80, true)), "its end is missing");
        assert!(!recovery.unit(unit(120, false)));
    }

    #[test]
    fn a_sender_that_begins_anew_is_a_loss_of_unknown_size() {
        let mut recovery = running();
        recovery.packet(packet(40_000, 80, true));
        assert_eq!(recovery.packets_lost(), 0);
        assert!(!recovery.unit(unit(80, false)));
    }

    #[test]
    fn pictures_shown_before_the_key_that_ended_a_loss_are_damaged() {
        let mut recovery = running();
        recovery.packet(packet(1, 120, true));
        assert!(!recovery.unit(unit(120, false)));
        assert!(recovery.unit(unit(240, true)));
        assert!(!recovery.unit(unit(160, false)));
        assert!(!recovery.unit(unit(200, false)));
        assert!(recovery.unit(unit(280, false)));
        // The clock of a camera may go back: that is no leading picture.
        assert!(recovery.unit(unit(10, false)));
    }

    #[test]
    fn a_camera_whose_clock_stands_still_recovers_too() {
        let mut recovery = running();
        recovery.packet(packet(1, 40, true));
        let sound: Vec<bool> = (0..8).map(|number| recovery.unit(unit(40, number % 3 == 0))).collect();
        assert_eq!(sound, [false, false, false, false, false, false, true, true]);
    }

    #[test]
    fn what_elements_flag_counts() {
        let mut recovery = running();
        assert!(!recovery.unit(Unit { corrupted: true, ..unit(80, true) }));
        assert!(!recovery.unit(unit(120, false)));
        assert!(recovery.unit(Unit { discontinuous: true, ..unit(160, true) }));
        assert!(!recovery.unit(Unit { discontinuous: true, ..unit(200, false) }));
    }

    proptest! {
        /// Between a loss and the next key unit nothing passes, and behind a whole key unit everything does.
        #[test]
        fn nothing_passes_between_a_loss_and_the_next_key(steps in prop::collection::vec((any::<bool>(), any::<bool>()), 1..200)) {
            let (mut recovery, mut sequence, mut sound) = (running(), u16::MAX, true);
            for (number, (lost, key)) in (2_u64..).zip(steps) {
                sequence = sequence.wrapping_add(1 + u16::from(lost));
                recovery.packet(packet(sequence, number * 40, true));
                sound = !lost && (sound || key);
                prop_assert_eq!(recovery.unit(unit(number * 40, key)), sound);
            }
        }
    }
}

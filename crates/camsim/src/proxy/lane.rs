use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::dice::Dice;
use super::faults::{Flow, Impairment};

/// How long a datagram is held so that others overtake it.
const OVERTAKEN: Duration = Duration::from_millis(30);
/// Units that are on their way at most.
const MOST_UNITS: usize = 1024;
/// Bytes that are on their way before TCP is read no further.
const ENOUGH_BYTES: usize = 256 * 1024;

/// What a unit is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// May be lost, doubled and overtaken.
    Datagram,
    /// May be lost and doubled.
    Frame,
    /// Always arrives, in order.
    Message,
}

/// One direction of one connection: what is on its way, and when it may arrive.
pub(super) struct Lane {
    waiting: VecDeque<(Instant, Vec<u8>)>,
    bytes: usize,
    dice: Dice,
    /// When the unit before leaves.
    last: Option<Instant>,
}

impl Lane {
    pub(super) fn new(dice: Dice) -> Self {
        Self { waiting: VecDeque::new(), bytes: 0, dice, last: None }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether a stream should be read further.
    pub(super) fn has_room(&self) -> bool {
        self.bytes < ENOUGH_BYTES && self.waiting.len() < MOST_UNITS
    }

    /// Decides what becomes of a unit.
    pub(super) fn enter(&mut self, unit: Vec<u8>, kind: Kind, impairment: &Impairment, now: Instant, flow: &mut Flow) {
        flow.bytes += unit.len() as u64;
        if kind == Kind::Message {
            let at = self.schedule(unit.len(), 0.0, impairment, now);
            return self.insert(at, unit);
        }
        let fate = self.dice.throw();
        flow.units += 1;
        if fate.drop < impairment.drop {
            flow.dropped += 1;
            return;
        }
        if kind == Kind::Datagram && self.waiting.len() >= MOST_UNITS {
            flow.overflowed += 1;
            return;
        }
        if fate.duplicate < impairment.duplicate {
            flow.duplicated += 1;
            let at = self.schedule(unit.len(), fate.jitter, impairment, now);
            self.insert(at, unit.clone());
        }
        let at = self.schedule(unit.len(), fate.jitter, impairment, now);
        if kind == Kind::Datagram && fate.reorder < impairment.reorder {
            flow.reordered += 1;
            return self.insert(at + OVERTAKEN, unit);
        }
        self.insert(at, unit);
    }

    /// When a unit arrives that is sent now: after the one before, at the rate of the line.
    fn schedule(&mut self, length: usize, jitter: f64, impairment: &Impairment, now: Instant) -> Instant {
        let earliest = now + impairment.delay + impairment.jitter.mul_f64(jitter);
        let begin = self.last.map_or(earliest, |last| earliest.max(last));
        let nanoseconds = (length as u64).saturating_mul(1_000_000_000).checked_div(impairment.bytes_per_second);
        let at = begin + Duration::from_nanos(nanoseconds.unwrap_or(0));
        self.last = Some(at);
        at
    }

    fn insert(&mut self, at: Instant, unit: Vec<u8>) {
        self.bytes += unit.len();
        let place = self.waiting.partition_point(|(other, _)| *other <= at);
        self.waiting.insert(place, (at, unit));
    }

    /// The next unit, if its time has come.
    pub(super) fn leave(&mut self, impairment: &Impairment, now: Instant) -> Option<Vec<u8>> {
        if self.next_due(impairment)? > now {
            return None;
        }
        let (_, unit) = self.waiting.pop_front()?;
        self.bytes -= unit.len();
        Some(unit)
    }

    /// When the next unit leaves; `None` while none is to.
    pub(super) fn next_due(&self, impairment: &Impairment) -> Option<Instant> {
        self.waiting.front().filter(|_| !impairment.stalled).map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(seed: u64) -> Lane {
        Lane::new(Dice::new(seed, 1))
    }

    fn fill(lane: &mut Lane, count: u16, impairment: &Impairment, now: Instant) -> Flow {
        let mut flow = Flow::default();
        for number in 0..count {
            lane.enter(number.to_be_bytes().to_vec(), Kind::Datagram, impairment, now, &mut flow);
        }
        flow
    }

    fn drain(lane: &mut Lane, impairment: &Impairment, now: Instant) -> Vec<u16> {
        std::iter::from_fn(|| lane.leave(impairment, now)).map(|unit| u16::from_be_bytes([unit[0], unit[1]])).collect()
    }

    #[test]
    fn losses_are_as_told_and_repeat_with_the_seed() {
        let now = Instant::now();
        let impairment = Impairment { drop: 0.2, ..Impairment::default() };
        let run = |seed| {
            let mut lane = lane(seed);
            let flow = fill(&mut lane, 1000, &impairment, now);
            (flow.dropped, drain(&mut lane, &impairment, now))
        };
        let (dropped, left) = run(1);
        assert!((150..250).contains(&dropped), "{dropped}");
        assert_eq!(left.len() as u64, 1000 - dropped);
        assert_eq!(run(1).1, left);
        assert_ne!(run(2).1, left);
    }

    #[test]
    fn delay_and_jitter_keep_the_order() {
        let now = Instant::now();
        let (delay, jitter) = (Duration::from_millis(100), Duration::from_millis(50));
        let impairment = Impairment { delay, jitter, ..Impairment::default() };
        let mut lane = lane(3);
        fill(&mut lane, 100, &impairment, now);
        assert!(lane.leave(&impairment, now + Duration::from_millis(99)).is_none());
        assert_eq!(drain(&mut lane, &impairment, now + delay + jitter), (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn reordered_datagrams_all_arrive() {
        let now = Instant::now();
        let impairment = Impairment { reorder: 0.3, ..Impairment::default() };
        let mut lane = lane(4);
        let flow = fill(&mut lane, 200, &impairment, now);
        let mut numbers = drain(&mut lane, &impairment, now + OVERTAKEN);
        assert!(flow.reordered > 20 && !numbers.is_sorted(), "{flow:?}");
        numbers.sort_unstable();
        assert_eq!(numbers, (0..200).collect::<Vec<_>>());
    }

    #[test]
    fn doubles_arrive_twice() {
        let now = Instant::now();
        let impairment = Impairment { duplicate: 1.0, ..Impairment::default() };
        let mut lane = lane(5);
        fill(&mut lane, 3, &impairment, now);
        assert_eq!(drain(&mut lane, &impairment, now), [0, 0, 1, 1, 2, 2]);
    }

    #[test]
    fn the_rate_spreads_units_in_time() {
        let now = Instant::now();
        let impairment = Impairment { bytes_per_second: 20, ..Impairment::default() };
        let mut lane = lane(6);
        fill(&mut lane, 20, &impairment, now);
        assert_eq!(drain(&mut lane, &impairment, now + Duration::from_secs(1)).len(), 10);
    }

    #[test]
    fn a_stalled_lane_holds_what_it_can() {
        let now = Instant::now();
        let stalled = Impairment { stalled: true, ..Impairment::default() };
        let mut lane = lane(7);
        let flow = fill(&mut lane, 1030, &stalled, now);
        assert_eq!(flow.overflowed, 6);
        assert!(drain(&mut lane, &stalled, now + Duration::from_secs(9)).is_empty());
        assert_eq!(drain(&mut lane, &Impairment::default(), now).len(), 1024);
    }

    #[test]
    fn messages_survive_everything() {
        let now = Instant::now();
        let impairment = Impairment { drop: 1.0, ..Impairment::default() };
        let (mut lane, mut flow) = (lane(8), Flow::default());
        lane.enter(vec![1], Kind::Message, &impairment, now, &mut flow);
        assert_eq!(lane.leave(&impairment, now), Some(vec![1]));
    }
}

use std::time::{Duration, Instant};

/// How late packets may leave the jitter buffer, beyond what it holds them back by intention.
const LATEST: Duration = Duration::from_secs(2);

/// Behind this, a stream has caught up.
const CAUGHT_UP: Duration = Duration::from_millis(100);

/// Watches how long packets stay in the jitter buffer. Where the decoder is slower than the camera they pile up in
/// front of it without end; then all that wait are to be thrown away at once. The buffer's own limit cannot be used: it
/// strikes whenever the buffer waits for a packet that was lost, and so makes every loss a larger one.
#[derive(Debug)]
pub(super) struct Backlog {
    begin: Instant,
    /// By sequence number: the milliseconds from the beginning to the arrival, 0 for a packet that is not waiting.
    arrived_ms: Box<[u32]>,
    /// What the buffer holds packets back by intention.
    latency: Duration,
    skipping: bool,
}

impl Backlog {
    pub(super) fn new(latency: Duration) -> Self {
        let arrived_ms = vec![0; 1 << 16].into_boxed_slice();
        Self { begin: Instant::now(), arrived_ms, latency, skipping: false }
    }

    /// A packet goes into the buffer.
    pub(super) fn enter(&mut self, sequence: u16, now: Instant) {
        let now_ms = self.now_ms(now);
        if let Some(arrived) = self.arrived_ms.get_mut(usize::from(sequence)) {
            *arrived = now_ms;
        }
    }

    /// A packet comes out of the buffer; gives whether it is to be used.
    pub(super) fn leave(&mut self, sequence: u16, now: Instant) -> bool {
        let now_ms = self.now_ms(now);
        let noted = self.arrived_ms.get_mut(usize::from(sequence)).map_or(0, std::mem::take);
        let arrived = if noted == 0 { now_ms } else { noted };
        // Milliseconds in 32 bits wrap after 49 days; the difference does not.
        let age = Duration::from_millis(u64::from(now_ms.wrapping_sub(arrived))).saturating_sub(self.latency);
        self.skipping = age > if self.skipping { CAUGHT_UP } else { LATEST };
        !self.skipping
    }

    /// Never 0.
    #[expect(clippy::cast_possible_truncation, reason = "the wrap is wanted: only differences are looked at")]
    fn now_ms(&self, now: Instant) -> u32 {
        (now.saturating_duration_since(self.begin).as_millis() as u32).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATENCY: Duration = Duration::from_millis(200);

    #[test]
    fn packets_that_wait_by_intention_are_used() {
        let mut backlog = Backlog::new(LATENCY);
        let begin = Instant::now();
        for (sequence, waited_ms) in [(65_535, 0), (0, 199), (1, 2_100)] {
            backlog.enter(sequence, begin);
            assert!(backlog.leave(sequence, begin + Duration::from_millis(waited_ms)));
        }
    }

    #[test]
    fn a_decoder_that_is_too_slow_skips_to_the_newest() {
        let mut backlog = Backlog::new(LATENCY);
        let begin = Instant::now();
        let at = |ms: u16| begin + Duration::from_millis(u64::from(ms));
        (0..4_000).step_by(10).for_each(|ms| backlog.enter(ms, at(ms)));
        // All come out at once after four seconds.
        let used: Vec<u16> = (0..4_000).step_by(10).filter(|&ms| backlog.leave(ms, at(4_000))).collect();
        assert_eq!((used.first(), used.len()), (Some(&3_700), 30));
    }

    #[test]
    fn a_packet_whose_arrival_was_not_seen_is_fresh() {
        let mut backlog = Backlog::new(LATENCY);
        assert!(backlog.leave(7, Instant::now() + Duration::from_secs(60)));
    }

    #[test]
    fn fifty_days_are_no_age() {
        let mut backlog = Backlog::new(LATENCY);
        let late = Instant::now() + Duration::from_secs(50 * 86_400);
        backlog.enter(7, late);
        assert!(backlog.leave(7, late + Duration::from_millis(5)));
    }
}

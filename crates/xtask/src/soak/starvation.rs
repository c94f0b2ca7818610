//! Whether a stream gets frames again after its troubles.

use std::time::Duration;

/// How long a stream must have frames after a trouble until it counts as recovered: frames that were still on their way do not.
const PROOF: Duration = Duration::from_secs(2);

/// What is known of one stream; all times are since the start.
#[derive(Debug)]
pub struct Stream {
    /// How long it may go without frames when nothing troubles it any more.
    limit: Duration,
    frames: f64,
    last_frame: Duration,
    trouble_ends: Duration,
}

impl Stream {
    /// A stream that has not begun.
    pub fn new(limit: Duration) -> Self {
        Self { limit, frames: 0.0, last_frame: Duration::ZERO, trouble_ends: Duration::ZERO }
    }

    /// Something keeps frames away until then.
    pub fn troubled_until(&mut self, end: Duration) {
        self.trouble_ends = self.trouble_ends.max(end);
    }

    /// The count of its frames, which begins anew with a reload; counts are of tracked frames.
    pub fn counted(&mut self, frames: f64, now: Duration) {
        if frames > self.frames || (frames < self.frames && frames > 0.0) {
            self.last_frame = now;
        }
        self.frames = frames;
    }

    /// Whether frames have come since its last trouble was over.
    pub fn has_recovered(&self) -> bool {
        self.last_frame > self.trouble_ends + PROOF
    }

    /// For how long it has been without frames and without trouble, where that is too long.
    pub fn starved_for(&self, now: Duration) -> Option<Duration> {
        let without = now.saturating_sub(self.last_frame.max(self.trouble_ends));
        (without > self.limit).then_some(without)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_stream_without_frames_starves_once_its_trouble_is_over_for_too_long() {
        let mut stream = Stream::new(seconds(30));
        stream.counted(5.0, seconds(10));
        assert_eq!(stream.starved_for(seconds(40)), None);
        assert_eq!(stream.starved_for(seconds(41)), Some(seconds(31)));
        stream.troubled_until(seconds(20));
        assert_eq!(stream.starved_for(seconds(50)), None);
        stream.counted(5.0, seconds(50));
        assert_eq!(stream.starved_for(seconds(51)), Some(seconds(31)));
    }

    #[test]
    fn frames_that_were_on_their_way_are_no_recovery() {
        let mut stream = Stream::new(seconds(30));
        stream.troubled_until(seconds(20));
        stream.counted(1.0, seconds(21));
        assert!(!stream.has_recovered());
        stream.counted(2.0, seconds(23));
        assert!(stream.has_recovered());
    }

    #[test]
    fn a_count_that_begins_anew_is_progress_from_its_first_frame_on() {
        let mut stream = Stream::new(seconds(30));
        stream.counted(100.0, seconds(5));
        stream.counted(0.0, seconds(40));
        assert!(stream.starved_for(seconds(40)).is_some());
        stream.counted(1.0, seconds(41));
        assert_eq!(stream.starved_for(seconds(41)), None);
    }
}

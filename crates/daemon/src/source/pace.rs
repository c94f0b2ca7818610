use std::thread;
use std::time::{Duration, Instant};

use maskd_types::{CaptureTime, Frame, Stamp};

/// Behind by more than this, a source does not hurry after its time: it begins anew with what is there.
const TOO_LATE: Duration = Duration::from_secs(1);

/// Plays what could come at once at the pace of its own times.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// A moment, and the time of the frame that belongs to it.
    anchor: Option<(Instant, u64)>,
}

impl Pace {
    /// Waits until a frame is due. It counts as taken then: what is played like a camera has a camera's latency.
    pub(super) fn keep(&mut self, frame: Frame) -> Frame {
        if let Some(wait) = self.wait(frame.stamp.pts_ns, Instant::now()) {
            thread::sleep(wait);
        }
        let stamp = Stamp { capture: CaptureTime::now(), arrived: Instant::now(), ..frame.stamp };
        Frame { stamp, ..frame }
    }

    fn wait(&mut self, pts_ns: u64, now: Instant) -> Option<Duration> {
        let due =
            self.anchor.and_then(|(moment, first)| Some(moment + Duration::from_nanos(pts_ns.checked_sub(first)?)));
        match due {
            Some(due) if due + TOO_LATE > now => due.checked_duration_since(now),
            _ => {
                self.anchor = Some((now, pts_ns));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_due_when_their_times_say() {
        let mut pace = Pace::default();
        let start = Instant::now();
        let millis = Duration::from_millis;
        assert_eq!(pace.wait(5_000_000_000, start), None);
        assert_eq!(pace.wait(5_040_000_000, start + millis(10)), Some(millis(30)));
        // A little late: at once, and the next one is on time.
        assert_eq!(pace.wait(5_080_000_000, start + millis(100)), None);
        assert_eq!(pace.wait(5_120_000_000, start + millis(100)), Some(millis(20)));
        // Far too late, or back in time: a new beginning.
        assert_eq!(pace.wait(5_160_000_000, start + millis(5000)), None);
        assert_eq!(pace.wait(5_200_000_000, start + millis(5000)), Some(millis(40)));
        assert_eq!(pace.wait(0, start + millis(6000)), None);
        assert_eq!(pace.wait(40_000_000, start + millis(6000)), Some(millis(40)));
    }
}

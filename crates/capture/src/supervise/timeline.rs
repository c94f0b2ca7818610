use std::time::{Duration, Instant};

use maskd_types::{Frame, FrameRate};

use crate::rate::period;

/// Assumed between the last frame of a file and its first one where nothing is known of its rate.
const USUAL_PERIOD: Duration = Duration::from_nanos(1_000_000_000 / 30);

/// Gives the frames of one stream their numbers and times, however often its source is opened.
#[derive(Default)]
pub(super) struct Timeline {
    next: u64,
    last: Option<Last>,
    /// Where the running source began; `None` before its first frame.
    origin: Option<Origin>,
    live: bool,
    period: Option<Duration>,
}

/// The first frame of a source by two clocks, in nanoseconds.
#[derive(Clone, Copy)]
struct Origin {
    stream: u64,
    source: u64,
}

/// The frame before.
struct Last {
    pts_ns: u64,
    arrived: Instant,
}

impl Timeline {
    /// From now on frames come from another source, which counts from 0 again.
    pub(super) fn begin(&mut self, live: bool, rate: Option<FrameRate>) {
        self.origin = None;
        self.live = live;
        self.period = rate.and_then(period).or(self.period);
    }

    /// The frame with number and time of the stream: later than all before it.
    pub(super) fn place(&mut self, mut frame: Frame) -> Frame {
        let source = frame.stamp.pts_ns;
        let origin = self.origin.unwrap_or_else(|| Origin { stream: self.start(&frame), source });
        self.origin = Some(origin);
        let earliest = self.last.as_ref().map_or(0, |last| last.pts_ns.saturating_add(1));
        let pts_ns = origin.stream.saturating_add(source.saturating_sub(origin.source));
        frame.stamp.pts_ns = pts_ns.max(earliest);
        frame.number = self.next;
        self.next += 1;
        self.last = Some(Last { pts_ns: frame.stamp.pts_ns, arrived: frame.stamp.arrived });
        frame
    }

    /// Time of a source's first frame in the stream: a camera was away for as long as the clock says, a file follows
    /// its end at once.
    fn start(&self, first: &Frame) -> u64 {
        let Some(last) = &self.last else {
            return first.stamp.pts_ns;
        };
        let gap = if self.live {
            first.stamp.arrived.saturating_duration_since(last.arrived)
        } else {
            self.period.unwrap_or(USUAL_PERIOD)
        };
        last.pts_ns.saturating_add(u64::try_from(gap.as_nanos()).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use maskd_types::{CaptureTime, Stamp};

    use super::*;

    const RATE: Option<FrameRate> = Some(FrameRate { numerator: 25, denominator: 1 });

    fn frame(pts_ms: u64, arrived: Instant) -> Frame {
        let stamp = Stamp { pts_ns: pts_ms * 1_000_000, capture: CaptureTime::now(), arrived };
        Frame { number: 0, stamp, width: 1, height: 1, intact: true, rgb: Arc::from([0; 3]) }
    }

    fn places(timeline: &mut Timeline, frames: &[(u64, Instant)]) -> Vec<(u64, u64)> {
        let place = |&(pts, arrived): &(u64, Instant)| {
            let frame = timeline.place(frame(pts, arrived));
            (frame.number, frame.stamp.pts_ns / 1_000_000)
        };
        frames.iter().map(place).collect()
    }

    #[test]
    fn a_file_that_starts_again_goes_on_after_one_period() {
        let now = Instant::now();
        let mut timeline = Timeline::default();
        timeline.begin(false, RATE);
        assert_eq!(places(&mut timeline, &[(0, now), (40, now), (80, now)]), [(0, 0), (1, 40), (2, 80)]);
        timeline.begin(false, RATE);
        assert_eq!(places(&mut timeline, &[(0, now), (40, now)]), [(3, 120), (4, 160)]);
    }

    #[test]
    fn a_camera_that_comes_back_goes_on_after_the_time_it_was_away() {
        let now = Instant::now();
        let at = |ms| now + Duration::from_millis(ms);
        let mut timeline = Timeline::default();
        timeline.begin(true, None);
        assert_eq!(places(&mut timeline, &[(0, at(0)), (40, at(40))]), [(0, 0), (1, 40)]);
        timeline.begin(true, None);
        assert_eq!(places(&mut timeline, &[(0, at(9_040)), (40, at(9_075))]), [(2, 9_040), (3, 9_080)]);
    }

    #[test]
    fn times_never_stand_still_nor_overflow() {
        let now = Instant::now();
        let mut timeline = Timeline::default();
        timeline.begin(true, RATE);
        let mut frames: Vec<_> = (0..4).map(|_| timeline.place(frame(5, now))).collect();
        timeline.begin(true, RATE);
        frames.push(timeline.place(frame(u64::MAX / 1_000_000, now)));
        frames.push(timeline.place(frame(0, now)));
        assert!(frames.windows(2).all(|pair| pair[0].stamp.pts_ns < pair[1].stamp.pts_ns));
        assert!(frames.windows(2).all(|pair| pair[0].number + 1 == pair[1].number));
    }
}

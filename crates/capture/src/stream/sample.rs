use std::sync::Arc;
use std::time::{Duration, Instant};

use gstreamer::{BufferFlags, ClockTime, Sample};
use gstreamer_video::prelude::*;
use gstreamer_video::{VideoFormat, VideoFrameRef, VideoInfo};
use maskd_types::{Frame, FrameRate, Stamp};

use super::facts::Facts;
use crate::CaptureError;

/// The form of the picture in a sample, checked.
pub(super) struct Shape {
    name: String,
    info: VideoInfo,
}

impl Shape {
    pub(super) fn of(sample: &Sample, name: &str, max_pixels: u64) -> Result<Self, CaptureError> {
        let bad = |reason: &str| CaptureError::BadFrame { name: name.to_owned(), reason: reason.to_owned() };
        let caps = sample.caps().ok_or_else(|| bad("it has no caps"))?;
        let info = VideoInfo::from_caps(caps).map_err(|error| bad(&error.to_string()))?;
        if info.format() != VideoFormat::Rgb {
            return Err(bad("it is not RGB"));
        }
        let (width, height) = (u64::from(info.width()), u64::from(info.height()));
        if width.saturating_mul(height) > max_pixels {
            return Err(CaptureError::TooLarge { name: name.to_owned(), width, height, max_pixels });
        }
        Ok(Self { name: name.to_owned(), info })
    }

    /// Nominal rate; `None` where the stream does not say.
    pub(super) fn rate(&self) -> Option<FrameRate> {
        let numerator = u32::try_from(self.info.fps().numer()).ok().filter(|&numerator| numerator > 0)?;
        let denominator = u32::try_from(self.info.fps().denom()).ok().filter(|&denominator| denominator > 0)?;
        Some(FrameRate { numerator, denominator })
    }

    pub(super) fn frame(
        &self,
        sample: &Sample,
        number: u64,
        clock: &mut Clock,
        facts: Facts,
    ) -> Result<Frame, CaptureError> {
        let (width, height) = (self.info.width(), self.info.height());
        let rgb = self.pixels(sample)?;
        let Facts { arrived, capture, intact } = facts;
        let stamp = Stamp { pts_ns: clock.stamp(running_time(sample), self.rate(), arrived), capture, arrived };
        Ok(Frame { number, stamp, width, height, intact: intact && !is_corrupted(sample), rgb })
    }

    /// Copies the rows without the padding behind them.
    fn pixels(&self, sample: &Sample) -> Result<Arc<[u8]>, CaptureError> {
        let bad = |reason: &str| CaptureError::BadFrame { name: self.name.clone(), reason: reason.to_owned() };
        let buffer = sample.buffer().ok_or_else(|| bad("it has no memory"))?;
        let mapped =
            VideoFrameRef::from_buffer_ref_readable(buffer, &self.info).map_err(|error| bad(&error.message))?;
        let row = self.info.width() as usize * 3;
        let stride = mapped.plane_stride().first().and_then(|&stride| usize::try_from(stride).ok());
        let stride = stride.filter(|&stride| stride >= row).ok_or_else(|| bad("its rows overlap"))?;
        let plane = mapped.plane_data(0).map_err(|error| bad(&error.message))?;
        let mut rgb: Arc<[u8]> = std::iter::repeat_n(0, row * self.info.height() as usize).collect();
        let target = Arc::get_mut(&mut rgb).ok_or_else(|| bad("its memory is shared"))?;
        for (to, from) in target.chunks_exact_mut(row).zip(plane.chunks(stride)) {
            to.copy_from_slice(from.get(..row).ok_or_else(|| bad("it breaks off"))?);
        }
        Ok(rgb)
    }
}

/// Whether the decoder, or the camera's driver, says so.
fn is_corrupted(sample: &Sample) -> bool {
    sample.buffer().is_some_and(|buffer| buffer.flags().contains(BufferFlags::CORRUPTED))
}

/// How far a live stream's own clock may run ahead of this machine's between two frames: more than that is a jump.
const LEAP: Duration = Duration::from_secs(1);

/// Turns the times of samples into nanoseconds since the first one, each later than the one before.
pub(super) struct Clock {
    live: bool,
    last: Option<Tick>,
}

/// The sample before.
#[derive(Clone, Copy)]
struct Tick {
    running_time: Option<u64>,
    arrived: Instant,
    pts_ns: u64,
}

impl Clock {
    pub(super) fn new(live: bool) -> Self {
        Self { live, last: None }
    }

    /// Time of a sample by its running time, which may be missing and, in a live stream, do anything.
    fn stamp(&mut self, running_time: Option<u64>, rate: Option<FrameRate>, arrived: Instant) -> u64 {
        let step = |last: &Tick| {
            if self.live { live_step(last, running_time, arrived) } else { step(last, running_time, rate) }
        };
        let pts_ns = self.last.as_ref().map_or(0, |last| last.pts_ns.saturating_add(step(last).max(1)));
        self.last = Some(Tick { running_time, arrived, pts_ns });
        pts_ns
    }
}

/// Samples of raw streams have no time of their own: they follow at the nominal rate.
fn step(last: &Tick, running_time: Option<u64>, rate: Option<FrameRate>) -> u64 {
    let FrameRate { numerator, denominator } = rate.unwrap_or(FrameRate { numerator: 30, denominator: 1 });
    let period = 1_000_000_000 * u64::from(denominator) / u64::from(numerator.max(1));
    running_time.zip(last.running_time).map_or(period, |(now, before)| now.saturating_sub(before))
}

/// A camera's clock counts as long as it goes forward and not faster than time itself. Where it jumps, goes back or is
/// set to 0, this machine's clock stands in for that one step.
fn live_step(last: &Tick, running_time: Option<u64>, arrived: Instant) -> u64 {
    let elapsed = arrived.saturating_duration_since(last.arrived);
    let own = running_time.zip(last.running_time).and_then(|(now, before)| now.checked_sub(before));
    let own = own.map(Duration::from_nanos).filter(|own| !own.is_zero() && *own <= elapsed + LEAP);
    u64::try_from(own.unwrap_or(elapsed).as_nanos()).unwrap_or(u64::MAX)
}

fn running_time(sample: &Sample) -> Option<u64> {
    let segment = sample.segment()?.downcast_ref::<ClockTime>()?;
    let time = segment.to_running_time(sample.buffer()?.pts()?)?;
    Some(time.nseconds())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MS: u64 = 1_000_000;

    /// Stamps of samples with these running times, 40 ms apart by this machine's clock, in milliseconds.
    fn stamps(live: bool, times_ms: &[Option<u64>]) -> Vec<u64> {
        let (mut clock, begin) = (Clock::new(live), Instant::now());
        let rate = Some(FrameRate { numerator: 25, denominator: 1 });
        let arrivals = (0..).map(|number| begin + Duration::from_millis(40 * number));
        let stamp = |(time, arrived): (&Option<u64>, Instant)| clock.stamp(time.map(|ms| ms * MS), rate, arrived) / MS;
        times_ms.iter().zip(arrivals).map(stamp).collect()
    }

    #[test]
    fn a_file_keeps_its_own_times() {
        assert_eq!(stamps(false, &[Some(100), Some(140), Some(9_000)]), [0, 40, 8_900]);
        assert_eq!(stamps(false, &[None, None, None]), [0, 40, 80]);
    }

    #[test]
    fn a_live_clock_may_jump_go_back_or_be_lost() {
        let uneven = [Some(5_000), Some(5_033), Some(5_066)];
        assert_eq!(stamps(true, &uneven), [0, 33, 66], "a sound clock is kept");
        let forward = [Some(0), Some(50_000_000), Some(50_000_040)];
        assert_eq!(stamps(true, &forward), [0, 40, 80]);
        let back = [Some(90_000), Some(90_040), Some(0), Some(40)];
        assert_eq!(stamps(true, &back), [0, 40, 80, 120]);
        assert_eq!(stamps(true, &[Some(7), None, Some(9), Some(9)]), [0, 40, 80, 120]);
    }

    proptest! {
        #[test]
        fn stamps_always_rise(live: bool, times in prop::collection::vec(prop::option::of(any::<u64>()), 1..50)) {
            let (mut clock, now) = (Clock::new(live), Instant::now());
            let stamps: Vec<u64> = times.iter().map(|&time| clock.stamp(time, None, now)).collect();
            let rises = |pair: &[u64]| pair[0] < pair[1] || pair[0] == u64::MAX;
            prop_assert!(stamps.windows(2).all(rises), "{stamps:?}");
        }
    }
}

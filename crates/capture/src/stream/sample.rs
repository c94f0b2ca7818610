use std::sync::Arc;

use gstreamer::{ClockTime, Sample};
use gstreamer_video::prelude::*;
use gstreamer_video::{VideoFormat, VideoFrameRef, VideoInfo};
use maskd_types::{Frame, FrameRate, Stamp};

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

    pub(super) fn frame(&self, sample: &Sample, number: u64, clock: &mut Clock) -> Result<Frame, CaptureError> {
        let (width, height) = (self.info.width(), self.info.height());
        let rgb = self.pixels(sample)?;
        let stamp = Stamp::arriving(clock.stamp(sample, self.rate()));
        Ok(Frame { number, stamp, width, height, intact: true, rgb })
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

/// Turns the times of samples into nanoseconds since the first one.
#[derive(Default)]
pub(super) struct Clock {
    start: Option<u64>,
    last: Option<u64>,
}

impl Clock {
    /// Always later than the frame before: the clock recovery of a live stream may step back, and recorders take that
    /// amiss. A sample without a time of its own (raw streams) follows the one before it at the nominal rate.
    fn stamp(&mut self, sample: &Sample, rate: Option<FrameRate>) -> u64 {
        let time = running_time(sample).unwrap_or_else(|| self.guess(rate));
        let time = self.last.map_or(time, |last| time.max(last.saturating_add(1)));
        self.last = Some(time);
        time.saturating_sub(*self.start.get_or_insert(time))
    }

    fn guess(&self, rate: Option<FrameRate>) -> u64 {
        let FrameRate { numerator, denominator } = rate.unwrap_or(FrameRate { numerator: 30, denominator: 1 });
        let period = 1_000_000_000 * u64::from(denominator) / u64::from(numerator.max(1));
        self.last.map_or(0, |last| last.saturating_add(period))
    }
}

fn running_time(sample: &Sample) -> Option<u64> {
    let segment = sample.segment()?.downcast_ref::<ClockTime>()?;
    let time = segment.to_running_time(sample.buffer()?.pts()?)?;
    Some(time.nseconds())
}

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use serde::{Deserialize, Serialize};

/// When a frame was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Presentation time in nanoseconds since the start of the stream.
    pub pts_ns: u64,
    /// Wall-clock time of the picture, by the best clock there is.
    pub capture: CaptureTime,
    /// When the decoded picture reached this program, by the clock that never steps; latencies count from here.
    pub arrived: Instant,
}

impl Stamp {
    /// A picture that has just arrived and carries no time of its own but `pts_ns`.
    pub fn arriving(pts_ns: u64) -> Self {
        Self { pts_ns, capture: CaptureTime::now(), arrived: Instant::now() }
    }
}

/// A wall-clock time and whose clock it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaptureTime {
    /// Nanoseconds since the beginning of 1970, UTC.
    pub unix_ns: u64,
    /// Who read the clock.
    pub clock: CaptureClock,
}

impl CaptureTime {
    /// This moment by this machine's clock.
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self { unix_ns: u64::try_from(since.as_nanos()).unwrap_or(u64::MAX), clock: CaptureClock::Arrival }
    }
}

/// Whose clock a capture time was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaptureClock {
    /// The camera's, by the sender reports of RTCP.
    Camera,
    /// This machine's, when the decoded picture arrived.
    Arrival,
}

/// One picture of a stream, upright (any orientation tag has been applied), 8 bit per channel sRGB.
///
/// Cloning is cheap: the pixels are shared.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Own number of the frame in its stream, from 0, without gaps for files.
    pub number: u64,
    /// When the frame was made.
    pub stamp: Stamp,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// `false` where the picture is known to be damaged: packets were lost and no key frame has come since. It may be shown, but
    /// nothing may be learned from it.
    pub intact: bool,
    /// Pixels `[height, width, 3]`, red first, rows tightly packed.
    pub rgb: Arc<[u8]>,
}

/// Frames per second as a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameRate {
    /// Frames per `denominator` seconds.
    pub numerator: u32,
    /// Never 0.
    pub denominator: u32,
}

/// What is known of a source before its first frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceInfo {
    /// Name of the stream in every message, without secrets.
    pub name: String,
    /// Width of the first frame in pixels.
    pub width: u32,
    /// Height of the first frame in pixels.
    pub height: u32,
    /// Nominal frame rate; `None` where a source does not say (variable rate).
    pub rate: Option<FrameRate>,
    /// Number of frames to come, exact; `None` where it cannot be known (streams).
    pub frames: Option<u64>,
    /// Number of frames to come by the container's duration, good enough for a progress bar.
    pub frames_estimate: Option<u64>,
}

use std::sync::Arc;

/// When a frame was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Presentation time in nanoseconds since the start of the stream.
    pub pts_ns: u64,
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

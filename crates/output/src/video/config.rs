use std::path::PathBuf;

use maskd_types::FrameRate;

/// Where the video goes and how good it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoConfig {
    /// The file, which is overwritten.
    pub path: PathBuf,
    /// The source's nominal rate; `None` where it varies. Frames are shown at their own times either way.
    pub rate: Option<FrameRate>,
    /// x264's constant quality, 0 (lossless) to 50 (worst).
    pub quality: u32,
}

impl VideoConfig {
    /// A video of good quality.
    pub fn new(path: impl Into<PathBuf>, rate: Option<FrameRate>) -> Self {
        Self { path: path.into(), rate, quality: 20 }
    }
}

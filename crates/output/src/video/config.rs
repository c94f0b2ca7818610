use std::path::PathBuf;

use maskd_types::FrameRate;

/// The file format around the H.264.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Container {
    /// MP4, fragmented while it grows.
    #[default]
    Mp4,
    /// Matroska.
    Mkv,
}

impl Container {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Mp4, Self::Mkv];

    /// What names of such files end in, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::Mkv => "mkv",
        }
    }
}

/// Where the video goes and how good it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoConfig {
    /// The file, which is overwritten.
    pub path: PathBuf,
    /// The source's nominal rate; `None` where it varies. Frames are shown at their own times either way.
    pub rate: Option<FrameRate>,
    /// x264's constant quality, 0 (lossless) to 50 (worst).
    pub quality: u32,
    /// The file format.
    pub container: Container,
}

impl VideoConfig {
    /// An MP4 of good quality.
    pub fn new(path: impl Into<PathBuf>, rate: Option<FrameRate>) -> Self {
        Self { path: path.into(), rate, quality: 20, container: Container::Mp4 }
    }
}

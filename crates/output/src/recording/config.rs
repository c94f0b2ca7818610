use std::path::PathBuf;
use std::time::Duration;

use crate::video::Container;

/// Where recordings go, and how much of the disk they may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingConfig {
    /// A directory of this recording alone; it is made where it does not exist, with those above it.
    pub directory: PathBuf,
    /// The video's file format; MP4 by default.
    pub container: Container,
    /// x264's constant quality, 0 (lossless) to 50 (worst); 20 by default.
    pub quality: u32,
    /// How long a segment is, by the stream's own time; a minute by default. It ends earlier where the picture's size
    /// changes, where the stream's time jumps back, and where it has taken its share of the quota.
    pub segment: Duration,
    /// How many bytes all segments together may take, those of earlier runs included; the oldest goes first. 10 GiB by
    /// default; `None` sets no limit.
    pub quota_bytes: Option<u64>,
    /// How many bytes of the file system stay free for others; 1 GiB by default.
    pub reserve_bytes: u64,
    /// Whether the masks are recorded as indexed PNG, one per frame. Off by default.
    pub masks: bool,
    /// Whether lines of JSON are recorded, one per frame. Off by default.
    pub ndjson: bool,
}

impl Default for RecordingConfig {
    fn default() -> Self {
        Self {
            directory: PathBuf::from("recordings"),
            container: Container::Mp4,
            quality: 20,
            segment: Duration::from_secs(60),
            quota_bytes: Some(10 << 30),
            reserve_bytes: 1 << 30,
            masks: false,
            ndjson: false,
        }
    }
}

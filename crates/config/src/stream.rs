use std::path::PathBuf;
use std::time::Duration;

use maskd_types::{ObjectId, Point};
use serde::{Deserialize, Serialize};

use crate::units::{milliseconds, optional_seconds, points};
use crate::values::Source;

/// `[[stream]]`: one thing that is watched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamConfig {
    /// Its name in every message: letters, digits, `_` and `-`.
    pub name: String,
    /// Where its frames come from.
    pub source: Source,
    /// Environment variable that holds the camera's user name.
    #[serde(default)]
    pub user_env: Option<String>,
    /// Environment variable that holds the camera's password.
    #[serde(default)]
    pub password_env: Option<String>,
    /// What RTP travels over.
    pub transport: Transport,
    /// The own certificate of a camera at `rtsps://`, PEM; `None` where the system's rules decide.
    #[serde(default)]
    pub tls_certificate: Option<PathBuf>,
    /// Depth of the jitter buffer.
    #[serde(rename = "latency_ms", with = "milliseconds")]
    pub latency: Duration,
    /// Whether a file starts again at its end.
    pub repeat: bool,
    /// Whether a file or scene is played at its own pace, and dropped from where the tracker is too slow.
    pub realtime: bool,
    /// Largest frame that is decoded, in pixels.
    pub max_pixels: u64,
    /// Silence after which the source is built anew; `None` for the larger of 3 s and 10 frame times.
    #[serde(rename = "stall_s", with = "optional_seconds", default)]
    pub stall: Option<Duration>,
    /// What to track from the beginning, in the order of the file.
    #[serde(default, rename = "prompt")]
    pub prompts: Vec<PromptConfig>,
}

impl StreamConfig {
    /// Whether frames come when they come, so that a late reader misses some.
    pub fn is_live(&self) -> bool {
        self.realtime || self.source.is_live()
    }
}

/// What RTP travels over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// Inside the RTSP connection: no loss.
    Tcp,
    /// Datagrams.
    Udp,
}

/// `[[stream.prompt]]`: what is said about one object on one frame. Either a mask, or points or a box or both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromptConfig {
    /// The object it is about.
    pub object: ObjectId,
    /// What the object is called.
    #[serde(default)]
    pub name: Option<String>,
    /// Number of the stream's frame it belongs to.
    pub frame: u64,
    /// Clicks, in source pixels.
    #[serde(default, with = "points")]
    pub points: Vec<Point>,
    /// Edges `[x0, y0, x1, y1]` in source pixels, `x0 < x1` and `y0 < y1`.
    #[serde(default, rename = "box")]
    pub bbox: Option<[f32; 4]>,
    /// PNG of the frame's size.
    #[serde(default)]
    pub mask: Option<PathBuf>,
}

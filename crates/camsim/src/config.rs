use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use maskd_scene::SceneConfig;
use maskd_types::FrameRate;

use crate::CamsimError;

/// What a camera is and does from its start.
#[derive(Clone, Debug)]
pub struct CameraConfig {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Path of the stream, without the leading slash.
    pub path: String,
    /// What it films.
    pub footage: Footage,
    /// Width and height of the picture in pixels.
    pub size: (u32, u32),
    /// Frames per second.
    pub rate: FrameRate,
    /// How it encodes.
    pub codec: Codec,
    /// Frames from one key frame to the next.
    pub key_interval: u32,
    /// Kilobits per second; `None` lets the encoder hold a good quality with as many as it takes. Not for MJPEG.
    pub bitrate_kbit: Option<u32>,
    /// Who may watch; `None` for everybody.
    pub credentials: Option<Credentials>,
    /// How a password is asked for.
    pub authentication: Authentication,
    /// RTP timestamp of the beginning; `None` for a random one, as RFC 3550 wants it.
    pub rtp_offset: Option<u32>,
    /// Whether RTCP sender reports tell the wall-clock time of the frames.
    pub sender_reports: bool,
    /// Whether each frame carries its number; see [`read_number`](crate::read_number). It covers the top 8 to 16 rows of
    /// pictures that are at least 320 wide.
    pub barcode: bool,
    /// Whether time goes on in the footage while nobody watches or the camera is frozen. If not, the next frame that is served
    /// has the next number.
    pub films_unwatched: bool,
}

impl Default for CameraConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            path: "live".to_owned(),
            footage: Footage::Scene { seed: 7, objects: 3 },
            size: (640, 360),
            rate: FrameRate { numerator: 25, denominator: 1 },
            codec: Codec::H264,
            key_interval: 25,
            bitrate_kbit: None,
            credentials: None,
            authentication: Authentication::Basic,
            rtp_offset: None,
            sender_reports: true,
            barcode: true,
            films_unwatched: false,
        }
    }
}

impl CameraConfig {
    /// Whether every value is one that a camera can have.
    ///
    /// # Errors
    /// Names the first value that is not, and what it may be.
    pub fn validate(&self) -> Result<(), CamsimError> {
        let setting = |name, found: String, accepted| CamsimError::Setting { name, found, accepted };
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./".contains(letter);
        if self.path.is_empty() || self.path.starts_with('/') || !self.path.chars().all(plain) {
            return Err(setting(
                "path",
                self.path.clone(),
                "made of letters, digits and -_./ and not start with a slash",
            ));
        }
        let FrameRate { numerator, denominator } = self.rate;
        if numerator == 0 || denominator == 0 || numerator > 1_000_000 || numerator / denominator > 240 {
            return Err(setting(
                "rate",
                format!("{numerator}/{denominator}"),
                "over 0 and at most 240 frames per second",
            ));
        }
        if !(1..=10_000).contains(&self.key_interval) {
            return Err(setting("key_interval", self.key_interval.to_string(), "1 to 10000 frames"));
        }
        if let Some(found) = self.bitrate_kbit.filter(|kbit| !(8..=1_000_000).contains(kbit)) {
            return Err(setting("bitrate_kbit", found.to_string(), "8 to 1000000"));
        }
        self.codec.accept(self.size)
    }
}

/// What a camera films.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Footage {
    /// The scene of `maskd-scene`, without end, with exact masks.
    Scene {
        /// Decides everything that is random.
        seed: u64,
        /// How many objects, 1 to 32.
        objects: u32,
    },
    /// Colour bars and a square that moves: cheap.
    Pattern,
    /// A video file, over and over, one of its frames per frame of the camera.
    File(PathBuf),
}

impl Footage {
    /// The configuration of the scene at a size; `None` for other footage.
    pub(crate) fn scene(&self, (width, height): (u32, u32), rate: FrameRate) -> Option<SceneConfig> {
        let &Self::Scene { seed, objects } = self else { return None };
        Some(SceneConfig { seed, objects, frames: 1_000_000_000, width, height, rate, ..SceneConfig::default() })
    }
}

/// How a camera encodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// H.264, RFC 6184.
    H264,
    /// H.265, RFC 7798.
    H265,
    /// JPEG pictures, RFC 2435.
    Mjpeg,
}

impl Codec {
    /// Its name as on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::H264 => "h264",
            Self::H265 => "h265",
            Self::Mjpeg => "mjpeg",
        }
    }

    /// Whether pictures of this size can be sent.
    pub(crate) fn accept(self, (width, height): (u32, u32)) -> Result<(), CamsimError> {
        let within = |step: u32, most: u32| {
            [width, height].iter().all(|side| (64..=most).contains(side) && side.is_multiple_of(step))
        };
        let rule = match self {
            // RFC 2435 counts blocks of 8 pixels in one byte.
            Self::Mjpeg if !within(8, 2040) => "each side must be a multiple of 8 from 64 to 2040",
            _ if !within(2, 4096) => "each side must be even and from 64 to 4096",
            _ => return Ok(()),
        };
        Err(CamsimError::Size { width, height, codec: self.name(), rule })
    }
}

impl FromStr for Codec {
    type Err = CamsimError;

    fn from_str(text: &str) -> Result<Self, CamsimError> {
        let known = [Self::H264, Self::H265, Self::Mjpeg].into_iter().find(|codec| codec.name() == text);
        let unknown =
            || CamsimError::Setting { name: "codec", found: text.to_owned(), accepted: "h264, h265 or mjpeg" };
        known.ok_or_else(unknown)
    }
}

/// Who may watch.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Name of the user.
    pub user: String,
    /// The password in the clear: it guards nothing but a test.
    pub password: String,
}

impl Credentials {
    /// From both parts.
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self { user: user.into(), password: password.into() }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

/// How a password is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// In the clear.
    Basic,
    /// By an MD5 challenge.
    Digest,
}

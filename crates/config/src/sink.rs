use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::units::seconds;
use crate::values::{BrokerAddress, NdjsonTarget, RerunTarget};

/// `[[sink]]`: one place where results go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SinkConfig {
    /// Its name in logs and metrics.
    pub name: String,
    /// The streams it takes; empty for all. [`SinkConfig::takes`] asks.
    pub streams: Vec<String>,
    /// Frames that may wait for it.
    pub queue: usize,
    /// What happens when more would have to wait.
    pub policy: QueuePolicy,
    /// What kind of sink it is, with that kind's settings.
    pub target: SinkTarget,
}

impl SinkConfig {
    /// Whether it takes results of that stream.
    pub fn takes(&self, stream: &str) -> bool {
        self.streams.is_empty() || self.streams.iter().any(|name| name == stream)
    }
}

/// What happens to a frame for which there is no room in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueuePolicy {
    /// Only the newest frame of each stream waits.
    Latest,
    /// The frame that has waited longest makes room.
    DropOldest,
    /// The tracker waits; only where all streams of the sink wait too.
    Block,
}

/// The kinds of sinks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SinkTarget {
    /// The annotated stream, served to players.
    Rtsp(RtspSink),
    /// Recordings.
    File(FileSink),
    /// JSON lines.
    Ndjson(NdjsonSink),
    /// Messages through a broker.
    Mqtt(MqttSink),
    /// ROS 2 messages or JSON, over Zenoh.
    Zenoh(ZenohSink),
    /// Data for Rerun's viewer.
    Rerun(RerunSink),
}

impl SinkTarget {
    /// The word for the kind in the file.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Rtsp(_) => "rtsp",
            Self::File(_) => "file",
            Self::Ndjson(_) => "ndjson",
            Self::Mqtt(_) => "mqtt",
            Self::Zenoh(_) => "zenoh",
            Self::Rerun(_) => "rerun",
        }
    }

    /// Names of the environment variables that hold user and password, where this kind has them.
    pub(crate) fn credentials(&self) -> (Option<&str>, Option<&str>) {
        match self {
            Self::Rtsp(sink) => (sink.user_env.as_deref(), sink.password_env.as_deref()),
            Self::Mqtt(sink) => (sink.user_env.as_deref(), sink.password_env.as_deref()),
            _ => (None, None),
        }
    }
}

/// `kind = "rtsp"`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RtspSink {
    /// Address and port of the server.
    pub listen: SocketAddr,
    /// Longest time between two key frames.
    #[serde(rename = "key_frame_interval_s", with = "seconds")]
    pub key_frame_interval: Duration,
    /// Whether there is a second mount per stream with nothing but masks.
    pub masks: bool,
    /// Environment variable that holds the user name that players must give.
    #[serde(default)]
    pub user_env: Option<String>,
    /// Environment variable that holds the password that players must give.
    #[serde(default)]
    pub password_env: Option<String>,
    /// The look that the encoder keeps, as x264 counts it: 0 is best, 50 worst.
    pub quality: u32,
    /// What a stream may take at most, in thousand bits per second.
    pub max_bitrate_kbps: u32,
    /// Players at the same time, over all streams.
    pub max_players: u32,
}

/// `kind = "file"`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSink {
    /// Where recordings go.
    pub directory: PathBuf,
    /// What video is wrapped in.
    pub container: Container,
    /// Length of a segment.
    #[serde(rename = "segment_s", with = "seconds")]
    pub segment: Duration,
    /// Bytes that recordings may take; the oldest segment goes first.
    pub quota_bytes: u64,
    /// Bytes of the file system that are left free.
    pub reserve_bytes: u64,
    /// Whether masks are recorded as PNG.
    pub masks: bool,
    /// Whether results are recorded as JSON lines.
    pub ndjson: bool,
}

/// What video is wrapped in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Container {
    /// Plays everywhere.
    Mp4,
    /// Plays up to where it was cut off.
    Mkv,
}

/// `kind = "ndjson"`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NdjsonSink {
    /// Where lines go.
    pub to: NdjsonTarget,
}

/// `kind = "mqtt"`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MqttSink {
    /// Where the broker is.
    pub broker: BrokerAddress,
    /// Name of this client at the broker; `None` for one made up by chance.
    #[serde(default)]
    pub client_id: Option<String>,
    /// Environment variable that holds the user name.
    #[serde(default)]
    pub user_env: Option<String>,
    /// Environment variable that holds the password.
    #[serde(default)]
    pub password_env: Option<String>,
    /// What every topic begins with.
    pub topic: String,
    /// Quality of service of frames and events, 0 to 2.
    pub qos: u8,
    /// Whether messages carry masks.
    pub masks: bool,
    /// Longest silence towards the broker.
    #[serde(rename = "keep_alive_s", with = "seconds")]
    pub keep_alive: Duration,
}

/// `kind = "zenoh"`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZenohSink {
    /// Endpoints to connect to.
    pub connect: Vec<String>,
    /// Endpoints to listen on.
    pub listen: Vec<String>,
    /// What every key expression begins with.
    pub key: String,
    /// What is published.
    pub format: ZenohFormat,
}

/// What is published over Zenoh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ZenohFormat {
    /// ROS 2 messages.
    Cdr,
    /// JSON.
    Json,
    /// Both.
    Both,
}

/// `kind = "rerun"`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RerunSink {
    /// A file or a viewer.
    pub to: RerunTarget,
    /// Bytes that a file may take, with the one before it.
    pub quota_bytes: u64,
}

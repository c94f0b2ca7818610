use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::http::HttpConfig;
use crate::sink::SinkConfig;
use crate::stream::StreamConfig;
use crate::units::seconds;
use crate::values::{CheckpointSpec, DeviceSpec};

/// All that a daemon is told: checked, complete, every path absolute.
///
/// `docs` of each key, its unit and what it accepts are in one table, printed as `configs/reference.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The network and what it runs on.
    pub model: ModelConfig,
    /// How objects are followed.
    pub tracking: TrackingConfig,
    /// The HTTP server.
    pub http: HttpConfig,
    /// What outlives the process.
    pub state: StateConfig,
    /// What the daemon says.
    pub log: LogConfig,
    /// How it ends.
    pub shutdown: ShutdownConfig,
    /// What is watched, in the order of the file; names are unique.
    #[serde(rename = "stream")]
    pub streams: Vec<StreamConfig>,
    /// Where results go, in the order of the file; names are unique.
    #[serde(rename = "sink")]
    pub sinks: Vec<SinkConfig>,
}

impl Config {
    /// The stream of that name.
    pub fn stream(&self, name: &str) -> Option<&StreamConfig> {
        self.streams.iter().find(|stream| stream.name == name)
    }

    /// The sink of that name.
    pub fn sink(&self, name: &str) -> Option<&SinkConfig> {
        self.sinks.iter().find(|sink| sink.name == name)
    }
}

/// `[model]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
    /// Which weights.
    pub checkpoint: CheckpointSpec,
    /// What to compute on.
    pub device: DeviceSpec,
    /// With how many bits the network multiplies.
    pub precision: Precision,
    /// Side of the square that frames are scaled to, in pixels; `None` for the model's own.
    #[serde(default)]
    pub image_size: Option<usize>,
    /// Threads on the CPU; 0 for all cores.
    pub threads: usize,
}

/// `[tracking]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrackingConfig {
    /// How long tracks outlive their source.
    #[serde(rename = "keep_tracks_s", with = "seconds")]
    pub keep_tracks: Duration,
    /// Frames out of sight after which an object counts as lost.
    pub lost_after_frames: u32,
    /// Largest hole that is filled, in low-resolution mask pixels.
    pub fill_holes_area: u32,
    /// Whether a pixel belongs to one object of a stream at most.
    pub no_overlap: bool,
    /// Most objects per stream.
    pub max_objects: usize,
    /// How many of a stream's last frames can still be prompted; 0 for none.
    pub prompt_ring_frames: usize,
}

/// `[state]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateConfig {
    /// Where prompts, names and memories are kept; `None` keeps nothing.
    #[serde(default)]
    pub directory: Option<PathBuf>,
}

/// `[log]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    /// Least important messages that are written.
    pub level: LogLevel,
    /// For people or for machines.
    pub format: LogFormat,
}

/// With how many bits the network multiplies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// As few as move no mask.
    Auto,
    /// 32.
    F32,
    /// 16, on GPUs.
    F16,
    /// 16 of which eight are the exponent's, on processors.
    Bf16,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Data was lost, or somebody has to act.
    Error,
    /// Something went wrong and was put right.
    Warn,
    /// States change.
    Info,
    /// What a developer asks.
    Debug,
    /// Every frame.
    Trace,
}

/// How it is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One line for people.
    Text,
    /// One JSON object per line.
    Json,
}

/// `[shutdown]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShutdownConfig {
    /// How long sinks may take to write what is queued.
    #[serde(rename = "drain_s", with = "seconds")]
    pub drain: Duration,
}

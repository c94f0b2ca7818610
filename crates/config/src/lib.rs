//! The configuration of the maskd daemon: a TOML file, environment variables over it, one table of keys behind both.
//!
//! [`Config::load`] gives a configuration that is complete and right in itself, or everything that is wrong with it at once, each
//! with line, key, what was found and what would be accepted. [`reference()`] and [`json_schema()`] print the table. Nothing here opens
//! a camera, a socket or a model: whether what is configured is also there is for others to find out.

mod check;
mod config;
mod diff;
mod document;
mod environment;
mod error;
mod features;
mod finding;
mod http;
mod json_schema;
mod load;
mod paths;
pub mod policy;
mod reference;
mod report;
mod rules;
mod schema;
mod secrets;
mod sink;
mod stream;
mod suggest;
mod token;
mod units;
mod validate;
mod values;

pub use config::{
    Config, LogConfig, LogFormat, LogLevel, ModelConfig, Precision, ShutdownConfig, StateConfig, TrackingConfig,
};
pub use diff::{ChangedKey, ChangedNames, Changes};
pub use environment::Environment;
pub use error::ConfigErrors;
pub use features::Features;
pub use finding::{Finding, Location, Place, Warning};
pub use http::HttpConfig;
pub use json_schema::json_schema;
pub use load::{LoadOptions, Loaded};
pub use reference::reference;
pub use secrets::{Credentials, Secrets};
pub use sink::{
    Container, FileSink, MqttSink, NdjsonSink, QueuePolicy, RerunSink, RtspSink, SinkConfig, SinkTarget, ZenohFormat,
    ZenohSink,
};
pub use stream::{PromptConfig, StreamConfig, Transport};
pub use values::{
    BrokerAddress, CheckpointSpec, DeviceSpec, HostPort, NdjsonTarget, RerunTarget, RtspUrl, Secret, SocketTarget,
    Source, SourceScheme, ValueError, WebOrigin,
};

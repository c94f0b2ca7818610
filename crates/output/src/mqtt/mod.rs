//! Frames, states and events to an MQTT broker, as JSON.
//!
//! | topic | what | retained |
//! |---|---|---|
//! | `maskd/status` | `online`, or `offline` (also as the last will) | yes |
//! | `maskd/STREAM/status` | where the stream's source stands | yes |
//! | `maskd/STREAM/objects` | every frame | no |
//! | `maskd/STREAM/events` | what happened to objects | no |
//!
//! One sink is one connection: it fails when the connection does, and whoever owns it makes another. Nothing outlives the
//! connection, so that a broker which returns is told the present and not the past.

mod address;
mod config;
mod link;
mod options;
mod sink;
mod topics;

pub use address::MqttBroker;
pub use config::{Credentials, MqttConfig, MqttQos, Qos};
pub use sink::{MqttSink, maker};
pub use topics::MqttTopics;

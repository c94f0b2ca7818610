//! ROS 2 messages and JSON over Zenoh, so that a robot on `rmw_zenoh` reads boxes and masks as topics of its own graph.
//!
//! | format | key expression | what |
//! |---|---|---|
//! | CDR | `0/maskd/STREAM/detections/TYPE/HASH` | every frame, `vision_msgs/msg/Detection2DArray` |
//! | CDR | `0/maskd/STREAM/mask/TYPE/HASH` | every frame, `sensor_msgs/msg/Image`, mono8: pixel value = object id |
//! | JSON | `maskd/STREAM/objects` | every frame |
//! | JSON | `maskd/STREAM/events` | what happened to objects |
//! | JSON | `maskd/STREAM/status` | where the stream's source stands |
//!
//! The first two are the topics `/maskd/STREAM/detections` and `/maskd/STREAM/mask` of ROS domain 0, named, announced and
//! accompanied as the design document of `rmw_zenoh` says: liveliness tokens for one node and its publishers, and an attachment
//! with sequence number, time and publisher.
//!
//! Nothing is kept for who comes late, and nothing waits for who is slow: Zenoh drops what a connection cannot take.

mod attachment;
mod cdr;
mod config;
mod names;
mod ros;
mod ros_types;
mod session;
mod sink;
mod stream;

pub use config::{ZenohConfig, ZenohFormat};
pub use sink::{ZenohSink, maker};

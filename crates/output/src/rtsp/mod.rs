//! The annotated streams for players, from an RTSP server of one's own.
//!
//! Every stream has a mount `/NAME` (and `/NAME/masks` where that is wanted) with one encoder that all its players share
//! and that runs only while there are any. Nothing that a player does or leaves undone holds up [`crate::Sink::write`]:
//! pictures wait in a short queue, of which the oldest is dropped when it is full, and what a player does not take is
//! dropped behind the encoder.

mod auth;
mod chain;
mod config;
mod factory;
mod feed;
mod mount;
mod mounts;
mod players;
mod server;
mod sink;
mod stats;
mod view;

pub use chain::elements;
pub use config::{RtspConfig, RtspLogin};
pub use sink::RtspSink;
pub use stats::RtspStats;

//! A socket that any number of readers connect to. Each has a queue and a thread of its own; one that does not read is
//! disconnected, and no other notices.

mod config;
mod counts;
mod hub;
mod listener;
mod reader;
mod sink;

pub use config::ServerConfig;
pub use counts::ReaderCounts;
pub use sink::NdjsonServer;

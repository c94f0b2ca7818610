//! Lines of JSON: one per frame and per notice, each complete and flushed before the next is taken. To standard output, to
//! a file, to a socket that someone listens on, or to everyone who connects to a socket of ours.

mod config;
mod line;
mod make;
mod server;
mod sink;
mod socket;
mod tail;
mod target;

pub use config::NdjsonConfig;
pub use make::maker;
pub use server::{NdjsonServer, ReaderCounts, ServerConfig};
pub use sink::NdjsonSink;
pub use target::{NdjsonTarget, SocketAddress};

//! One line of JSON per frame, complete and flushed before the next frame is taken.

mod config;
mod line;
mod sink;

pub use config::NdjsonConfig;
pub use sink::NdjsonSink;

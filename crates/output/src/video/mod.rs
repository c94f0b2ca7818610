//! The annotated video: an MP4 file with H.264 in it.
//!
//! While it is written the file is made of fragments of about a second, each complete in itself: whatever stops the
//! program, all but the last moments plays. [`crate::Sink::finish`] turns it into an ordinary MP4 file.

mod config;
mod description;
mod encoder;
mod letterbox;
mod sink;

pub use config::VideoConfig;
pub use sink::VideoSink;

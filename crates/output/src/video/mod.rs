//! The annotated video: an MP4 or Matroska file with H.264 in it.
//!
//! While it is written the file is made of fragments of about a second, each complete in itself: whatever stops the
//! program, all but the last moments plays. [`crate::Sink::finish`] turns it into an ordinary file of its kind.

mod config;
mod description;
mod encoder;
pub(crate) mod letterbox;
pub(crate) mod raw;
mod sink;

pub use config::{Container, VideoConfig};
pub(crate) use description::check;
pub use description::elements;
pub use sink::VideoSink;

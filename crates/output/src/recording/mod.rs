//! Recordings: the annotated video in segments, with a limit on what they take.
//!
//! `DIRECTORY/STREAM/2026-11-22T20-55-03.123Z.mp4` begins with the frame that was captured then, by UTC. Beside it may lie
//! the segment's masks (`….masks/`, as [`crate::masks`] writes them) and its lines of JSON (`….ndjson`). A directory belongs
//! to one recording: whatever has such a name there counts against its quota and is removed when it is the oldest.

mod config;
mod room;
mod segment;
mod sink;
mod store;

pub use config::RecordingConfig;
pub use sink::RecordingSink;

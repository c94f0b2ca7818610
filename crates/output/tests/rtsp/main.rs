//! The RTSP server with real players: ffmpeg, ffprobe and GStreamer as processes, and a client that behaves badly.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed expectation is a failed test")]

mod client;
#[path = "../common/mod.rs"]
mod common;
mod leaks;
mod login;
mod nosignal;
mod player;
mod players;
mod removed;
mod show;
mod slow;

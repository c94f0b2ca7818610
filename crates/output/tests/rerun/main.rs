//! What the sink for Rerun writes, read back with Rerun's own decoder.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed expectation is a failed test")]

#[path = "../common/mod.rs"]
mod common;

mod away;
mod file;
mod full;
mod kill;
mod quota;
mod scene;
mod seen;
mod viewer;

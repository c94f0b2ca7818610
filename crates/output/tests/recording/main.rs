//! Recordings that are played back, that fill disks and that are killed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed expectation is a failed test")]

#[path = "../common/mod.rs"]
mod common;
mod full;
mod kill;
mod quota;
mod segments;
mod support;

//! The program from outside: what people type, what they get, and what is left on disk.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod bad_checkpoints;
mod bad_input;
mod bad_output;
mod click;
mod commands;
mod daemon;
mod eval;
mod interrupt;
mod media;
mod outputs;
mod page;
mod precision;
mod prompts;
mod scenes;
mod segment;
#[path = "../crates/output/tests/common/small_disk.rs"]
mod small_disk;
mod util;

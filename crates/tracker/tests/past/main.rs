//! Prompts for frames that are past: what comes of them is what would have come of them in time.
#![expect(clippy::unwrap_used, reason = "a test ends where a helper of it finds something wrong")]

#[path = "../common/mod.rs"]
mod common;
mod exact;
mod nano;
mod order;
mod refused;
mod story;

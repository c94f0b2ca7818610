//! The official SAM 2 checkpoints: what there is, where it is kept on this machine, and how to fetch it whole.
//!
//! A file is under its final name only after its length and its SHA-256 were right, so that whoever finds one there
//! may use it.

mod cache;
mod catalog;
mod error;
mod fetch;

pub use cache::{cache_dir, on_disk, on_disk_in, path_of};
pub use catalog::{MODELS, OfficialModel, find};
pub use error::HubError;
pub use fetch::{FetchOptions, fetch};

//! GStreamer chains from descriptions that are data.
//!
//! A [`Description`] is TOML: elements in the order of the flow, each with its properties and with the names of those
//! that the program fills in. It is checked against [`Rules`] before anything is made of it, and every property is set
//! through its own type, so no text of a user ever becomes part of a pipeline's structure.

mod description;
mod error;
mod inventory;
mod make;
mod property;

pub use description::{Description, Rules};
pub use error::PipelineError;
pub use inventory::{missing, version};
pub use make::{Values, join};

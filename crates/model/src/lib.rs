//! SAM 2 written natively in Burn.

pub mod config;
mod error;

pub use error::ModelError;

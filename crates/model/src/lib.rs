//! SAM 2 written natively in Burn.

pub mod config;
mod error;
pub mod image;
pub mod kernels;

pub use error::ModelError;

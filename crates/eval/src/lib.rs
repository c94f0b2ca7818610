//! How good masks are.
//!
//! [`measure`] has region similarity J and contour accuracy F as the DAVIS benchmark defines them (Perazzi et al., "A Benchmark
//! Dataset and Evaluation Methodology for Video Object Segmentation", CVPR 2016), [`davis`] reads data sets laid out as DAVIS is,
//! [`Scores`] collects an object's values over a video, and [`sight`] says whether a tracker knew when an object was out of sight and found it
//! again.

pub mod davis;
mod error;
pub mod measure;
mod prompt;
mod scores;
pub mod sight;

pub use error::EvalError;
pub use prompt::{PromptKind, prompt};
pub use scores::{Mean, Scores, Statistics};

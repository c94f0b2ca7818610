//! SAM 2 and SAM 2.1 written natively in Burn: from an RGB picture, prompts and memories to masks and new memories.
//!
//! The crate knows one frame at a time. What is kept from frame to frame, and for how long, is the business of whoever calls
//! [`Sam2`]. Maps are channels-last inside (`[batch, height, width, channels]`); names of parameters are those of the official
//! checkpoints, and every module says which file of the official `sam2` package it follows.
//!
//! Burn's backend never shows outside: [`Device::run`] brings generic code to the device that was found at run time.

pub mod checkpoint;
pub mod config;
mod device;
mod error;
pub mod image;
mod image_encoder;
pub mod kernels;
mod mask_decoder;
mod memory;
mod nn;
mod position;
mod precision;
mod prompt_encoder;
#[cfg(test)]
mod reference_tests;
mod sam2;
pub mod taps;

pub use checkpoint::Checkpoint;
pub use device::{Device, DeviceSpec, OnBackend};
pub use error::ModelError;
pub use kernels::Kernels;
pub use nn::TensorSource;
pub use precision::Precision;
pub use prompt_encoder::{PointLabel, PromptPoint};
pub use sam2::{
    Candidates, ImageFeatures, MaskPrompt, MemoryMap, ObjectMemory, Pointer, Prediction, Sam2, read, read_all,
};

//! The error of this crate.

use crate::checkpoint::Problem;
use crate::config::ConfigError;

/// Why a model could not be loaded or run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// Values that no model can be built from.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A file that cannot be used as a checkpoint.
    #[error("checkpoint {file}: {problem}")]
    Checkpoint {
        /// The file, or what else was read.
        file: String,
        /// What is wrong with it.
        problem: Problem,
    },
    /// A tensor that a verified checkpoint does not have, or that was taken out of it before.
    #[error("checkpoint {file}: tensor `{tensor}` is not there; it is none of this model's, or was taken before")]
    NoTensor {
        /// The file, or what else was read.
        file: String,
        /// The name that was asked for.
        tensor: String,
    },
    /// A tensor that does not have the shape its module needs.
    #[error(
        "tensor `{name}` has shape {found:?} where the module needs {expected:?}; the checkpoint is of another model"
    )]
    TensorShape {
        /// Official name.
        name: String,
        /// What the module needs.
        expected: Vec<usize>,
        /// What there is.
        found: Vec<usize>,
    },
    /// Bytes that are no RGB picture of the size that was said.
    #[error("a picture of {width}x{height} pixels is not {bytes} bytes of RGB")]
    PictureSize {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Bytes given.
        bytes: usize,
    },
    /// A device that was asked for and cannot be used.
    #[error("{wanted} cannot be used: {reason}")]
    NoDevice {
        /// The device, as it was asked for.
        wanted: String,
        /// What was looked for and not found.
        reason: String,
    },
    /// Text that names no device.
    #[error("`{found}` is no device; say auto, cpu, cuda, cuda:N, vulkan or vulkan:N")]
    DeviceName {
        /// The text.
        found: String,
    },
    /// A precision that the device does not compute in.
    #[error("{wanted} is not to be had on this device; say auto or f32")]
    Precision {
        /// The precision, as it was asked for.
        wanted: String,
    },
    /// Text that names no precision.
    #[error("`{found}` is no precision; say auto, f32, f16 or bf16")]
    PrecisionName {
        /// The text.
        found: String,
    },
    /// A device that failed while it worked. Nothing that it computes afterwards can be trusted.
    #[error("the device failed: {message}; results of this frame are dropped, the program has to be started again")]
    Device {
        /// What the driver or Burn said.
        message: String,
    },
}

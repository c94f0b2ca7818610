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
}

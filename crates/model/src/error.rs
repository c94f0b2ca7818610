//! The error of this crate.

use crate::config::ConfigError;

/// Why a model could not be loaded or run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// Values that no model can be built from.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

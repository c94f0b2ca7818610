//! The error of this crate.

use std::path::{Path, PathBuf};

/// Why a checkpoint could not be fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HubError {
    /// No folder to keep checkpoints in.
    #[error("no folder for models: set MASKD_MODELS (or HOME)")]
    NoHome,
    /// The file system refused something.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// Somebody else is fetching the same file.
    #[error("another process is fetching {path}; wait for it, or end it")]
    Busy {
        /// The final name of the file.
        path: PathBuf,
    },
    /// The server does not have the file, or does not give it.
    #[error("{url}: the server answers with status {status}; check the address (MASKD_MODELS_URL) and the network")]
    Status {
        /// What was asked for.
        url: String,
        /// HTTP status.
        status: u16,
    },
    /// The server has a file of another length.
    #[error("{url}: the server has {found} bytes, the model has {expected}; check the address (MASKD_MODELS_URL)")]
    Length {
        /// What was asked for.
        url: String,
        /// Bytes that the server announces or sends.
        found: u64,
        /// Bytes of the model.
        expected: u64,
    },
    /// No connection, or one that broke, in every attempt.
    #[error("{url}: {attempts} attempts failed, the last with: {source}; what came is kept, so try again")]
    Transport {
        /// What was asked for.
        url: String,
        /// How often.
        attempts: u32,
        /// How the last one ended.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The right number of wrong bytes. They were removed.
    #[error("{url}: the file has SHA-256 {found}, the model has {expected}; it was removed, try another source")]
    Hash {
        /// What was asked for.
        url: String,
        /// Hash of what came.
        found: String,
        /// Hash of the model.
        expected: &'static str,
    },
    /// The caller asked to stop.
    #[error("stopped after {done} bytes; what came is kept, so that the next try goes on from there")]
    Cancelled {
        /// Bytes on disk.
        done: u64,
    },
}

impl HubError {
    /// Makes an error of the file system out of its parts, for `map_err`.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}

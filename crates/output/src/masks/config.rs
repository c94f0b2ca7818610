use std::path::PathBuf;

/// Where the images go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasksConfig {
    /// A directory; it is made where it does not exist, with those above it.
    pub directory: PathBuf,
}

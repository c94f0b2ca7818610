use std::path::PathBuf;

/// Where the lines go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NdjsonConfig {
    /// A file, which is overwritten, or `-` for standard output.
    pub path: PathBuf,
}

use std::path::PathBuf;

use crate::message::MessageForm;

/// Where the lines go and what they hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NdjsonConfig {
    /// A file, or `-` for standard output.
    pub path: PathBuf,
    /// Whether lines are added to what the file holds; otherwise it is overwritten.
    pub append: bool,
    /// What lines of frames hold.
    pub form: MessageForm,
}

impl NdjsonConfig {
    /// Overwrites the file, or writes to standard output where the path is `-`; with masks.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), append: false, form: MessageForm::default() }
    }
}

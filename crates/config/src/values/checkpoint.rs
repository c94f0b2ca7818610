use std::convert::Infallible;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Which weights to use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckpointSpec {
    /// The built-in model or a published one, by its name.
    Named(String),
    /// A file.
    File(PathBuf),
}

impl FromStr for CheckpointSpec {
    type Err = Infallible;

    /// Anything with a slash in it, or that ends like a checkpoint, is a file.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        let ends = Path::new(text).extension().is_some_and(|end| end == "pt" || end == "safetensors");
        Ok(if ends || text.contains('/') { Self::File(text.into()) } else { Self::Named(text.into()) })
    }
}

impl fmt::Display for CheckpointSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_files_are_told_apart() {
        for name in ["nano", "sam2.1-tiny"] {
            assert_eq!(name.parse(), Ok(CheckpointSpec::Named(name.into())));
        }
        for file in ["./nano", "models/x", "x.pt", "x.safetensors"] {
            assert_eq!(file.parse(), Ok(CheckpointSpec::File(file.into())));
        }
    }
}

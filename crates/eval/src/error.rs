use std::path::PathBuf;

use maskd_prompts::mask::MaskFileError;

/// Why there is nothing to evaluate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvalError {
    /// A folder cannot be read.
    #[error("the folder {} cannot be read", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A folder has neither `JPEGImages` nor `Annotations`.
    #[error("{} is not laid out as DAVIS is: it has no folder {missing}", path.display())]
    Layout {
        /// The folder.
        path: PathBuf,
        /// What it lacks.
        missing: &'static str,
    },
    /// No sequence has both frames and annotations.
    #[error("there is no sequence with frames and annotations in {}", path.display())]
    NoSequences {
        /// The data set.
        path: PathBuf,
    },
    /// A sequence that was asked for is not there.
    #[error("there is no sequence `{name}` in {}", path.display())]
    NoSuchSequence {
        /// What was asked for.
        name: String,
        /// The data set.
        path: PathBuf,
    },
    /// A file is not named by the number of its frame.
    #[error("{} is not named by the number of a frame", path.display())]
    Name {
        /// The file.
        path: PathBuf,
    },
    /// An annotation belongs to no frame.
    #[error("there is no frame for the annotation {}", path.display())]
    NoFrame {
        /// The annotation.
        path: PathBuf,
    },
    /// There is nothing that a track could begin with.
    #[error("the first annotation of `{name}` shows no object")]
    NoObject {
        /// The sequence.
        name: String,
    },
    /// A mask that was to be evaluated is missing.
    #[error("there is no mask {}", path.display())]
    NoMask {
        /// Where it should be.
        path: PathBuf,
    },
    /// A file is no mask.
    #[error("{} cannot be used", path.display())]
    Mask {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: MaskFileError,
    },
    /// Masks that do not fit the annotations.
    #[error("{} is {}x{} pixels, the annotations are {}x{}", path.display(), found[0], found[1], expected[0], expected[1])]
    Size {
        /// The file.
        path: PathBuf,
        /// Its width and height.
        found: [u32; 2],
        /// Width and height of the annotations.
        expected: [u32; 2],
    },
}

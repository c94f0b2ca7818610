//! Data sets laid out as DAVIS is: frames under `JPEGImages/SEQUENCE/NUMBER.jpg`, annotations under `Annotations/SEQUENCE/NUMBER.png`, either
//! perhaps with a folder `480p` in between.

mod annotation;
mod folder;
mod sequence;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub use annotation::Annotation;
pub use sequence::{Sequence, Start};

use crate::EvalError;

/// The folders of a data set.
#[derive(Clone, Debug)]
pub struct DataSet {
    root: PathBuf,
    frames: PathBuf,
    annotations: PathBuf,
}

impl DataSet {
    /// Looks for the two folders in `root`.
    ///
    /// # Errors
    /// [`EvalError::Layout`] where one of them is missing.
    pub fn open(root: &Path) -> Result<Self, EvalError> {
        let find = |missing| {
            let folder = root.join(missing);
            let inner = folder.join("480p");
            let found = [inner, folder].into_iter().find(|folder| folder.is_dir());
            found.ok_or_else(|| EvalError::Layout { path: root.into(), missing })
        };
        Ok(Self { root: root.into(), frames: find("JPEGImages")?, annotations: find("Annotations")? })
    }

    /// Names of all sequences that have frames and annotations, in the order of the alphabet.
    ///
    /// # Errors
    /// [`EvalError::Folder`], and [`EvalError::NoSequences`] where there are none.
    pub fn names(&self) -> Result<Vec<String>, EvalError> {
        let frames: BTreeSet<String> = folder::folders(&self.frames)?.into_iter().collect();
        let annotated = folder::folders(&self.annotations)?.into_iter();
        let names: BTreeSet<String> = annotated.filter(|name| frames.contains(name)).collect();
        if names.is_empty() {
            return Err(EvalError::NoSequences { path: self.root.clone() });
        }
        Ok(names.into_iter().collect())
    }

    /// A sequence of that name.
    ///
    /// # Errors
    /// [`EvalError::NoSuchSequence`], and what is wrong with its folders.
    pub fn sequence(&self, name: &str) -> Result<Sequence, EvalError> {
        if !self.names()?.iter().any(|known| known == name) {
            return Err(EvalError::NoSuchSequence { name: name.into(), path: self.root.clone() });
        }
        Sequence::open(name, &self.frames.join(name), &self.annotations.join(name))
    }
}

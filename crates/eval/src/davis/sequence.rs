use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use maskd_types::{ObjectId, Rle};

use super::{Annotation, folder};
use crate::EvalError;

/// A video and what is known of it.
#[derive(Clone, Debug)]
pub struct Sequence {
    /// Its name.
    pub name: String,
    /// The folder that holds its frames.
    pub folder: PathBuf,
    /// The numbers that its frames are named by, in their order.
    pub numbers: Vec<u64>,
    /// Annotations by the place of their frame in the video, from 0.
    annotations: BTreeMap<usize, PathBuf>,
    merge: bool,
}

/// What a track of an object begins with.
#[derive(Clone, Debug, PartialEq)]
pub struct Start {
    /// The object.
    pub object: ObjectId,
    /// Place of the first frame that shows it, from 0.
    pub frame: usize,
    /// Its true mask there.
    pub mask: Rle,
}

impl Sequence {
    pub(super) fn open(name: &str, frames: &Path, annotations: &Path) -> Result<Self, EvalError> {
        let numbers: Vec<u64> = folder::numbered(frames, &["jpg", "jpeg", "png"])?.into_keys().collect();
        let annotations = placed(&numbers, folder::numbered(annotations, &["png"])?)?;
        Ok(Self { name: name.into(), folder: frames.into(), numbers, annotations, merge: false })
    }

    /// Takes all objects for one, as DAVIS 2016 does.
    #[must_use]
    pub fn merged(self) -> Self {
        Self { merge: true, ..self }
    }

    /// The annotation of a frame by its place, from 0; `None` where there is none.
    ///
    /// # Errors
    /// [`EvalError::Mask`]
    pub fn annotation(&self, frame: usize) -> Result<Option<Annotation>, EvalError> {
        self.annotations.get(&frame).map(|path| self.read(path)).transpose()
    }

    /// Masks that another program, or an earlier run, has left in a folder, by the place of their frame.
    ///
    /// # Errors
    /// [`EvalError::Folder`], [`EvalError::Name`], [`EvalError::NoFrame`]
    pub fn masks(&self, folder: &Path) -> Result<BTreeMap<usize, PathBuf>, EvalError> {
        placed(&self.numbers, folder::numbered(folder, &["png"])?)
    }

    /// Reads a mask as annotations of this sequence are read.
    ///
    /// # Errors
    /// [`EvalError::Mask`]
    pub fn read(&self, path: &Path) -> Result<Annotation, EvalError> {
        let annotation = Annotation::read(path)?;
        Ok(if self.merge { annotation.merged() } else { annotation })
    }

    /// Where tracks begin: every object on the first annotation that shows it.
    ///
    /// # Errors
    /// [`EvalError::NoObject`] where the very first annotation shows none; [`EvalError::Mask`].
    pub fn starts(&self) -> Result<Vec<Start>, EvalError> {
        let mut known = BTreeSet::new();
        let mut starts = Vec::new();
        for frame in self.annotations.keys() {
            let Some(annotation) = self.annotation(*frame)? else { continue };
            let new = annotation.objects().filter(|(id, _)| known.insert(*id));
            starts.extend(new.map(|(object, mask)| Start { object, frame: *frame, mask: mask.clone() }));
            if starts.is_empty() {
                return Err(EvalError::NoObject { name: self.name.clone() });
            }
        }
        if starts.is_empty() { Err(EvalError::NoObject { name: self.name.clone() }) } else { Ok(starts) }
    }

    /// Places of the frames on which an object that starts on frame `start` is judged: those with an annotation, but for the one it starts on
    /// and the video's last, as the benchmark has it.
    pub fn judged(&self, start: usize) -> impl Iterator<Item = usize> {
        let last = self.numbers.len().saturating_sub(1);
        self.annotations.keys().copied().filter(move |frame| *frame > start && *frame < last)
    }
}

/// Files by the place of the frame that has their number.
fn placed(numbers: &[u64], files: BTreeMap<u64, PathBuf>) -> Result<BTreeMap<usize, PathBuf>, EvalError> {
    let place = |(number, path): (u64, PathBuf)| match numbers.binary_search(&number) {
        Ok(place) => Ok((place, path)),
        Err(_) => Err(EvalError::NoFrame { path }),
    };
    files.into_iter().map(place).collect()
}

//! Reads the weights of a model, from `.pt` files of `torch.save` and from `.safetensors` files.
//!
//! A checkpoint is taken for hostile until shown otherwise: nothing in it is run, every length is compared with the
//! file before anything is allocated, and every tensor of the model has to be there with its exact shape, with
//! supported numbers, all of them finite. A tensor that the model has no place for is an error, because it says that
//! the file is not what somebody thinks it is.
//!
//! The way of a file: [`bytes`] gives ranges of it; [`format`] recognises the container; [`torch_zip`] (with [`zip`]
//! and [`pickle`]) or [`safetensors`] make a [`listing`]; [`mod@recognise`] tells the model, [`verify`] compares, and
//! [`weights`] reads the numbers.

mod bytes;
mod dtype;
mod format;
mod inspect;
mod listing;
mod pickle;
mod problem;
mod recognise;
mod safetensors;
mod torch_zip;
mod verify;
mod weights;
mod zip;

use crate::config::ModelConfig;
use crate::error::ModelError;
use bytes::Bytes;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

pub use inspect::{Inspection, TensorReport, inspect};
pub use listing::Format;
pub use problem::{MissingTensor, Problem};
pub use weights::HostTensor;

/// The small model that comes with the program.
static NANO: &[u8] = include_bytes!("../../assets/nano.safetensors");

/// All weights of a model, verified, as `f32` in main memory.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// Which model it is.
    pub config: ModelConfig,
    /// SHA-256 of the file, in lower-case hexadecimal.
    pub sha256: String,
    /// The file, or what else the weights came from, for messages.
    pub source: String,
    tensors: BTreeMap<String, HostTensor>,
}

impl Checkpoint {
    /// Reads a `.pt` or `.safetensors` file; which of the two is told by its content.
    ///
    /// Takes as much memory as the weights at four bytes each and about a megabyte more.
    ///
    /// # Errors
    /// [`ModelError::Checkpoint`] with the first [`Problem`]; [`inspect`] lists all of them.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ModelError> {
        let path = path.as_ref();
        let source = path.display().to_string();
        let read = Bytes::open(path).and_then(|bytes| Self::read(&bytes, &source));
        read.map_err(|problem| ModelError::Checkpoint { file: source, problem })
    }

    /// The model that comes with the program: `sam2.1-nano`.
    ///
    /// # Errors
    /// None in a program that passed its tests.
    pub fn builtin() -> Result<Self, ModelError> {
        Self::from_bytes("built-in nano", NANO)
    }

    /// The file that [`Checkpoint::builtin`] reads, for other programs to read.
    pub fn builtin_file() -> &'static [u8] {
        NANO
    }

    /// Reads a file that is in memory already; `source` is what messages call it.
    ///
    /// # Errors
    /// As [`Checkpoint::open`].
    pub fn from_bytes(source: &str, bytes: impl Into<Cow<'static, [u8]>>) -> Result<Self, ModelError> {
        let read = Self::read(&Bytes::Memory(bytes.into()), source);
        read.map_err(|problem| ModelError::Checkpoint { file: source.to_owned(), problem })
    }

    fn read(bytes: &Bytes, source: &str) -> Result<Self, Problem> {
        let mut listing = format::read_listing(bytes)?;
        first(std::mem::take(&mut listing.problems))?;
        let config = recognise::recognise(&listing)?;
        first(verify::problems(&listing, &config))?;
        listing.checked.iter().try_for_each(|checked| weights::ensure_intact(bytes, checked))?;
        let load = |(name, entry): (&String, &listing::Entry)| Ok((name.clone(), weights::load(bytes, name, entry)?));
        let tensors = listing.entries.iter().map(load).collect::<Result<_, Problem>>()?;
        let sha256 = bytes.sha256()?;
        bytes.ensure_unchanged()?;
        Ok(Self { config, sha256, source: source.to_owned(), tensors })
    }

    /// A tensor by its official name.
    ///
    /// # Errors
    /// [`ModelError::NoTensor`] where the model has none of this name, or it was taken.
    pub fn tensor(&self, name: &str) -> Result<&HostTensor, ModelError> {
        self.tensors.get(name).ok_or_else(|| self.no_tensor(name))
    }

    /// Moves a tensor out, so that its memory can be freed while the others are still to be used.
    ///
    /// # Errors
    /// As [`Checkpoint::tensor`].
    pub fn take(&mut self, name: &str) -> Result<HostTensor, ModelError> {
        self.tensors.remove(name).ok_or_else(|| self.no_tensor(name))
    }

    /// Names of the tensors that were not taken, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    fn no_tensor(&self, name: &str) -> ModelError {
        ModelError::NoTensor { file: self.source.clone(), tensor: name.to_owned() }
    }
}

fn first(problems: Vec<Problem>) -> Result<(), Problem> {
    problems.into_iter().next().map_or(Ok(()), Err)
}

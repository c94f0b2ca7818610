//! A report on a file, for people who wonder what they have got.

use super::bytes::Bytes;
use super::listing::{Format, Listing};
use super::problem::Problem;
use super::{format, recognise, verify, weights};
use crate::config::{Family, ModelConfig};
use serde::Serialize;
use std::fmt;
use std::path::Path;

/// A tensor of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TensorReport {
    /// Its name.
    pub name: String,
    /// Its sizes, outermost first.
    pub shape: Vec<usize>,
    /// Its number format.
    pub dtype: &'static str,
}

/// What is in a file, and everything that keeps it from being used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// The file.
    pub path: String,
    /// Its size.
    pub file_bytes: u64,
    /// SHA-256 in lower-case hexadecimal; `None` where the file could not be read.
    pub sha256: Option<String>,
    /// Container format, once recognised.
    pub format: Option<Format>,
    /// Such as `sam2.1-tiny`, once recognised.
    pub variant: Option<String>,
    /// Generation, once recognised.
    pub family: Option<Family>,
    /// What defines the model, once recognised.
    pub config: Option<ModelConfig>,
    /// Numbers in all tensors of the file.
    pub parameters: u64,
    /// All tensors, by name.
    pub tensors: Vec<TensorReport>,
    /// Everything that is wrong, most basic first; why the variant was not recognised is among it.
    pub problems: Vec<String>,
}

/// Looks at everything in a file, does not stop at the first problem, and never fails: that a file cannot be read is a
/// problem to report, too.
pub fn inspect(path: impl AsRef<Path>) -> Inspection {
    let path = path.as_ref();
    let mut report = Inspection { path: path.display().to_string(), ..Inspection::default() };
    if let Err(problem) = Bytes::open(path).and_then(|bytes| report.fill(&bytes)) {
        report.note(&problem);
    }
    report
}

impl Inspection {
    /// Whether the file can be used as it is.
    pub fn is_usable(&self) -> bool {
        self.problems.is_empty()
    }

    fn note(&mut self, problem: &Problem) {
        self.problems.push(problem.to_string());
    }

    fn fill(&mut self, bytes: &Bytes) -> Result<(), Problem> {
        self.file_bytes = bytes.len();
        self.sha256 = Some(bytes.sha256()?);
        let listing = format::read_listing(bytes)?;
        self.list(&listing);
        listing.problems.iter().for_each(|problem| self.note(problem));
        self.identify(&listing);
        self.read_weights(bytes, &listing);
        bytes.ensure_unchanged()
    }

    fn list(&mut self, listing: &Listing) {
        self.format = Some(listing.format);
        for (name, entry) in &listing.entries {
            let elements = entry.shape.iter().map(|&size| size as u64).product();
            self.parameters = self.parameters.saturating_add(elements);
            let (name, shape) = (name.clone(), entry.shape.clone());
            self.tensors.push(TensorReport { name, shape, dtype: entry.dtype.as_str() });
        }
    }

    fn identify(&mut self, listing: &Listing) {
        let problems = match recognise::recognise(listing) {
            Ok(config) => {
                self.variant = Some(config.full_name());
                self.family = Some(config.family);
                let problems = verify::problems(listing, &config);
                self.config = Some(config);
                problems
            }
            Err(unknown) => {
                let mut problems = vec![unknown];
                problems.extend(verify::dtypes(listing));
                problems.extend(listing.overlaps());
                problems
            }
        };
        problems.iter().for_each(|problem| self.note(problem));
    }

    fn read_weights(&mut self, bytes: &Bytes, listing: &Listing) {
        // Where tensors share bytes, a small file could ask for a great deal of reading.
        if !listing.overlaps().is_empty() {
            return;
        }
        let damaged = listing.checked.iter().filter_map(|checked| weights::ensure_intact(bytes, checked).err());
        let present = listing.entries.iter().filter(|(_, entry)| entry.data.is_some());
        let odd = present.filter_map(|(name, entry)| weights::scan(bytes, name, entry).err());
        damaged.chain(odd).for_each(|problem| self.note(&problem));
    }
}

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "file        {}", self.path)?;
        writeln!(f, "size        {} bytes", self.file_bytes)?;
        writeln!(f, "sha256      {}", self.sha256.as_deref().unwrap_or("not read"))?;
        match self.format {
            Some(format) => writeln!(f, "format      {format}")?,
            None => writeln!(f, "format      not recognised")?,
        }
        writeln!(f, "model       {}", self.variant.as_deref().unwrap_or("not recognised"))?;
        writeln!(f, "parameters  {:.1} M in {} tensors", self.parameters as f64 / 1e6, self.tensors.len())?;
        for tensor in &self.tensors {
            writeln!(f, "  {:<10} {:<22} {}", tensor.dtype, format!("{:?}", tensor.shape), tensor.name)?;
        }
        if self.problems.is_empty() {
            return writeln!(f, "problems    none");
        }
        writeln!(f, "problems    {}", self.problems.len())?;
        self.problems.iter().try_for_each(|problem| writeln!(f, "  - {problem}"))
    }
}

//! What a file says it holds, before any weight is read.

use super::dtype::Dtype;
use super::problem::Problem;
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::Range;

/// More tensors than any training run writes: the largest model has 903, three times that with an optimiser.
pub(super) const MAX_TENSORS: usize = 16_384;
/// More numbers than any tensor here has.
const MAX_ELEMENTS: u64 = 1 << 30;
const MAX_RANK: usize = 8;
const MAX_NAME: usize = 256;

/// A container of tensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Format {
    /// The zip container of `torch.save`.
    #[serde(rename = "torch-zip")]
    TorchZip,
    /// <https://github.com/huggingface/safetensors>.
    #[serde(rename = "safetensors")]
    Safetensors,
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::TorchZip => "torch.save (zip)",
            Self::Safetensors => "safetensors",
        })
    }
}

/// A tensor in a file.
#[derive(Debug)]
pub(super) struct Entry {
    pub shape: Vec<usize>,
    pub dtype: Dtype,
    /// Where its numbers lie in the file, exactly as many bytes as the shape needs; `None` where a problem was noted.
    pub data: Option<Range<u64>>,
}

/// Bytes whose checksum the file knows.
#[derive(Debug)]
pub(super) struct Checked {
    pub entry: String,
    pub range: Range<u64>,
    pub crc32: u32,
}

/// The contents of a file, and what is wrong with single tensors of it.
#[derive(Debug)]
pub(super) struct Listing {
    pub format: Format,
    /// JSON of a [`crate::config::ModelConfig`].
    pub config: Option<String>,
    pub entries: BTreeMap<String, Entry>,
    pub checked: Vec<Checked>,
    pub problems: Vec<Problem>,
}

impl Listing {
    pub fn new(format: Format) -> Self {
        Self { format, config: None, entries: BTreeMap::new(), checked: Vec::new(), problems: Vec::new() }
    }

    /// Adds a tensor, or notes what is wrong with its name.
    pub fn insert(&mut self, name: &str, entry: Entry) -> Result<(), Problem> {
        if self.entries.len() >= MAX_TENSORS {
            let limit = MAX_TENSORS as u64;
            return Err(Problem::TooLarge { what: "tensors", found: limit + 1, limit });
        }
        if name.is_empty() || name.len() > MAX_NAME || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            self.problems.push(Problem::Name { name: name.chars().take(80).collect() });
        } else if self.entries.insert(name.to_owned(), entry).is_some() {
            self.problems.push(Problem::Duplicate { tensor: name.to_owned() });
        }
        Ok(())
    }

    /// Pairs of tensors that claim the same bytes, as problems.
    pub fn overlaps(&self) -> Vec<Problem> {
        let mut ranges: Vec<_> = self
            .entries
            .iter()
            .filter_map(|(name, entry)| entry.data.as_ref().map(|data| (data.start, data.end, name)))
            .filter(|(start, end, _)| start < end)
            .collect();
        ranges.sort_unstable();
        let meet = |pair: &&[(u64, u64, &String)]| matches!(pair, [first, second] if second.0 < first.1);
        let problem = |pair: &[(u64, u64, &String)]| match pair {
            [first, second] => Some(Problem::Overlap { first: first.2.clone(), second: second.2.clone() }),
            _ => None,
        };
        ranges.windows(2).filter(meet).filter_map(problem).collect()
    }
}

/// Shortens and escapes what a file calls a tensor, for messages.
pub(super) fn shown(name: &str) -> String {
    name.chars().take(MAX_NAME).flat_map(char::escape_debug).collect()
}

/// The first sizes, for messages.
pub(super) fn shown_shape(sizes: &[i64]) -> String {
    let more =
        if sizes.len() > MAX_RANK + 1 { format!(" and {} more", sizes.len() - MAX_RANK - 1) } else { String::new() };
    format!("{:?}{more}", sizes.iter().take(MAX_RANK + 1).collect::<Vec<_>>())
}

/// The sizes as counts, and how many numbers they make; `None` where no tensor can have them.
pub(super) fn checked_shape(sizes: &[i64]) -> Option<(Vec<usize>, u64)> {
    if sizes.len() > MAX_RANK {
        return None;
    }
    let shape = sizes.iter().map(|&size| usize::try_from(size).ok()).collect::<Option<Vec<_>>>()?;
    let elements = shape.iter().try_fold(1_u64, |product, &size| product.checked_mul(size as u64))?;
    (elements <= MAX_ELEMENTS).then_some((shape, elements))
}

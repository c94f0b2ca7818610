//! The zip container of `torch.save`: a pickle that describes tensors and one entry of numbers per storage.

use super::bytes::Bytes;
use super::listing::{Checked, Entry, Format, Listing, checked_shape, shown, shown_shape};
use super::pickle::{self, Heap, Tensor, Value};
use super::problem::Problem;
use super::zip::{self, Directory};
use std::collections::BTreeSet;
use std::ops::Range;

/// The largest published file has 0.2 MB.
const MAX_PICKLE: u64 = 4 << 20;
const PICKLE: &str = "data.pkl";

/// Reads the directory and the pickle, and finds the numbers of each tensor.
pub(super) fn read(bytes: &Bytes) -> Result<Listing, Problem> {
    let directory = zip::read(bytes)?;
    let root = root(&directory)?;
    ensure_little_endian(bytes, &directory, root)?;
    let source = small_entry(bytes, &directory, &format!("{root}{PICKLE}"))?;
    let (heap, top) = pickle::run(&source)?;
    let mut reader = Reader { directory: &directory, root, heap: &heap, used: BTreeSet::new() };
    let mut listing = Listing::new(Format::TorchZip);
    reader.list(top, &mut listing)?;
    listing.checked = reader.checked();
    Ok(listing)
}

/// What the names of all entries begin with: the name the file was saved under.
fn root(directory: &Directory) -> Result<&str, Problem> {
    let candidate = |name: &'_ String| {
        name.strip_suffix(PICKLE).is_some_and(|root| root.find('/').is_none_or(|at| at + 1 == root.len()))
    };
    let mut found = directory.keys().filter(|name| candidate(name)).filter_map(|name| name.strip_suffix(PICKLE));
    match (found.next(), found.next()) {
        (Some(root), None) => Ok(root),
        (None, _) => Err(Problem::NotACheckpoint { found: format!("a zip file without {PICKLE}") }),
        _ => Err(Problem::Zip { reason: format!("it has more than one {PICKLE}") }),
    }
}

fn ensure_little_endian(bytes: &Bytes, directory: &Directory, root: &str) -> Result<(), Problem> {
    let name = format!("{root}byteorder");
    // PyTorch before 2.1 wrote no such entry, and only on little-endian machines in practice.
    if !directory.contains_key(&name) {
        return Ok(());
    }
    let order = small_entry(bytes, directory, &name)?;
    let found = shown(&String::from_utf8_lossy(&order));
    if found == "little" { Ok(()) } else { Err(Problem::ByteOrder { found }) }
}

/// A whole entry, with its checksum verified.
fn small_entry(bytes: &Bytes, directory: &Directory, name: &str) -> Result<Vec<u8>, Problem> {
    let entry = directory.get(name).ok_or_else(|| Problem::Zip { reason: format!("entry {name:?} is missing") })?;
    let length = entry.range.end - entry.range.start;
    if length > MAX_PICKLE {
        return Err(Problem::TooLarge { what: "bytes in the pickle", found: length, limit: MAX_PICKLE });
    }
    let content = bytes.read(entry.range.clone())?;
    if crc32fast::hash(&content) == entry.crc32 {
        Ok(content)
    } else {
        Err(Problem::Checksum { entry: name.to_owned() })
    }
}

struct Reader<'a> {
    directory: &'a Directory,
    root: &'a str,
    heap: &'a Heap<'a>,
    /// Names of the entries that tensors lie in.
    used: BTreeSet<String>,
}

impl<'a> Reader<'a> {
    fn list(&mut self, top: Value<'a>, listing: &mut Listing) -> Result<(), Problem> {
        let top = self.heap.dict(top).ok_or_else(|| Problem::NoStateDict { found: top.kind().to_owned() })?;
        if let Some(Value::Text(json)) = lookup(top, "config") {
            listing.config = Some(json.to_owned());
        }
        let state = lookup(top, "model").and_then(|model| self.heap.dict(model)).unwrap_or(top);
        if !state.iter().any(|(_, value)| matches!(value, Value::Tensor(_))) {
            return Err(Problem::NoStateDict { found: keys(state) });
        }
        for &(key, value) in state {
            self.list_item(key, value, listing)?;
        }
        Ok(())
    }

    fn list_item(&mut self, key: Value<'a>, value: Value<'a>, listing: &mut Listing) -> Result<(), Problem> {
        let Value::Text(name) = key else {
            listing.problems.push(Problem::Name { name: key.kind().to_owned() });
            return Ok(());
        };
        if name == "config" && matches!(value, Value::Text(_)) {
            return Ok(());
        }
        let Some(tensor) = self.heap.tensor(value) else {
            listing.problems.push(Problem::NotATensor { tensor: shown(name), found: value.kind() });
            return Ok(());
        };
        let entry = self.entry(name, tensor, &mut listing.problems);
        listing.insert(name, entry)
    }

    fn entry(&mut self, name: &str, tensor: &Tensor, problems: &mut Vec<Problem>) -> Entry {
        let dtype = tensor.storage.dtype;
        let Some((shape, elements)) = checked_shape(&tensor.sizes) else {
            problems.push(Problem::BadShape { tensor: shown(name), found: shown_shape(&tensor.sizes) });
            return Entry { shape: Vec::new(), dtype, data: None };
        };
        if !dtype.is_supported() {
            return Entry { shape, dtype, data: None };
        }
        let data = self.extent(name, tensor, &shape, elements).map_err(|problem| problems.push(problem)).ok();
        Entry { shape, dtype, data }
    }

    /// Where the numbers of a tensor lie in the file.
    fn extent(&mut self, name: &str, tensor: &Tensor, shape: &[usize], elements: u64) -> Result<Range<u64>, Problem> {
        let extent = |reason: String| Problem::Extent { tensor: shown(name), reason };
        if !is_contiguous(&tensor.sizes, &tensor.strides) {
            let (shape, strides) = (shape.to_vec(), tensor.strides.clone());
            return Err(Problem::Strided { tensor: shown(name), shape, strides });
        }
        let (size, numel) = (tensor.storage.dtype.size(), tensor.storage.numel);
        let entry_name = format!("{}data/{}", self.root, tensor.storage.key);
        let Some(entry) = self.directory.get(&entry_name) else {
            return Err(extent(format!("its numbers should be in entry {}, which is missing", shown(&entry_name))));
        };
        let stored = entry.range.end - entry.range.start;
        if u64::try_from(numel).ok().and_then(|numel| numel.checked_mul(size)) != Some(stored) {
            return Err(extent(format!("its storage of {numel} numbers of {size} bytes has {stored} bytes")));
        }
        let range = within(tensor.offset, elements, size, &entry.range).ok_or_else(|| {
            extent(format!("{elements} numbers from {} on are not in a storage of {numel}", tensor.offset))
        })?;
        self.used.insert(entry_name);
        Ok(range)
    }

    fn checked(self) -> Vec<Checked> {
        let checked = |name: String| {
            let stored = self.directory.get(&name)?;
            Some(Checked { range: stored.range.clone(), crc32: stored.crc32, entry: name })
        };
        self.used.into_iter().filter_map(checked).collect()
    }
}

fn lookup<'a>(dict: &[(Value<'a>, Value<'a>)], name: &str) -> Option<Value<'a>> {
    dict.iter().find(|(key, _)| matches!(key, Value::Text(text) if *text == name)).map(|&(_, value)| value)
}

/// The first keys of a dict, for messages.
fn keys(dict: &[(Value, Value)]) -> String {
    let key = |(key, value): &(Value, Value)| match key {
        Value::Text(text) => format!("`{}`: {}", shown(text), value.kind()),
        other => other.kind().to_owned(),
    };
    let first: Vec<_> = dict.iter().take(8).map(key).collect();
    format!("a dict without tensors ({} keys: {})", dict.len(), first.join(", "))
}

/// Whether the strides are those of one row-major run. Those of axes of one index do not matter, nor do any where
/// there are no numbers.
fn is_contiguous(sizes: &[i64], strides: &[i64]) -> bool {
    let mut expected = 1_i64;
    let empty = sizes.contains(&0);
    empty
        || sizes.iter().zip(strides).rev().all(|(&size, &stride)| {
            let fits = size == 1 || stride == expected;
            expected = expected.saturating_mul(size);
            fits
        })
}

/// The bytes of `elements` numbers from `offset` on in a storage that lies at `storage`.
fn within(offset: i64, elements: u64, size: u64, storage: &Range<u64>) -> Option<Range<u64>> {
    let start = storage.start.checked_add(u64::try_from(offset).ok()?.checked_mul(size)?)?;
    let end = start.checked_add(elements.checked_mul(size)?)?;
    (end <= storage.end).then_some(start..end)
}

//! The part of the zip format that `torch.save` writes: a directory of entries stored as they are.
//!
//! Nothing is ever unpacked, so an entry cannot be larger than the file; and no two entries may lie over each other.

mod end;
mod fields;
mod header;

use super::bytes::Bytes;
use super::problem::Problem;
use end::{End, find_end};
use header::{Header, LOCAL};
use std::collections::BTreeMap;
use std::ops::Range;

const MAX_ENTRIES: u64 = 32_768;
const MAX_DIRECTORY: u64 = 8 << 20;

/// A stored entry.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    /// Where its bytes lie in the file.
    pub range: Range<u64>,
    pub crc32: u32,
}

/// Entries by name.
pub(super) type Directory = BTreeMap<String, Stored>;

/// Whether a file that starts like this claims to be a zip container.
pub(super) fn claims(start: &[u8]) -> bool {
    start.starts_with(&LOCAL.to_le_bytes())
}

/// Reads the directory and checks every entry against its local header and against the file.
pub(super) fn read(bytes: &Bytes) -> Result<Directory, Problem> {
    let end = find_end(bytes)?;
    if end.entries > MAX_ENTRIES {
        return Err(Problem::TooLarge { what: "entries of the zip container", found: end.entries, limit: MAX_ENTRIES });
    }
    if end.length > MAX_DIRECTORY {
        return Err(Problem::TooLarge { what: "bytes of the zip directory", found: end.length, limit: MAX_DIRECTORY });
    }
    let stop = end.offset.checked_add(end.length).filter(|&stop| stop <= end.limit);
    let stop = stop.ok_or_else(|| damaged("its directory is said to lie past its end"))?;
    let central = bytes.read(end.offset..stop)?;
    let directory = entries(bytes, &central, &end)?;
    ensure_apart(&directory)?;
    Ok(directory)
}

fn damaged(reason: impl Into<String>) -> Problem {
    Problem::Zip { reason: reason.into() }
}

fn cut_off() -> Problem {
    damaged("a header is cut off")
}

fn entries(bytes: &Bytes, central: &[u8], end: &End) -> Result<Directory, Problem> {
    let mut directory = Directory::new();
    let mut rest = central;
    for _ in 0..end.entries {
        let header = Header::parse(rest).ok_or_else(|| damaged("its directory is cut off"))?;
        rest = rest.get(header.length..).ok_or_else(cut_off)?;
        let range = header.locate(bytes, end.offset)?;
        let stored = Stored { range, crc32: header.crc32 };
        if directory.insert(header.name.clone(), stored).is_some() {
            return Err(damaged(format!("it has two entries called {:?}", header.name)));
        }
    }
    if rest.is_empty() { Ok(directory) } else { Err(damaged("its directory is longer than its entries")) }
}

fn ensure_apart(directory: &Directory) -> Result<(), Problem> {
    let mut entries: Vec<_> =
        directory.iter().map(|(name, entry)| (entry.range.start, entry.range.end, name)).collect();
    entries.sort_unstable();
    for pair in entries.windows(2) {
        if let [first, second] = pair
            && second.0 < first.1
        {
            return Err(damaged(format!("entries {:?} and {:?} lie over each other", first.2, second.2)));
        }
    }
    Ok(())
}

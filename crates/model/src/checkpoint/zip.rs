//! The part of the zip format that `torch.save` writes: a directory of entries stored as they are.
//!
//! Nothing is ever unpacked, so an entry cannot be larger than the file; and no two entries may lie over each other.

use super::bytes::Bytes;
use super::problem::Problem;
use std::collections::BTreeMap;
use std::ops::Range;

const MAX_ENTRIES: u64 = 32_768;
const MAX_DIRECTORY: u64 = 8 << 20;

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const LOCATOR_64: u32 = 0x0706_4b50;

const LOCAL_LEN: u64 = 30;
const CENTRAL_LEN: usize = 46;
const END_LEN: u64 = 22;
const END_64_LEN: u64 = 56;
const LOCATOR_64_LEN: u64 = 20;
const MAX_COMMENT: u64 = 0xffff;

const ENCRYPTED: u16 = 1;
/// Sizes and checksum follow the data; the local header has zeros in their place.
const SIZES_FOLLOW: u16 = 1 << 3;
const STORED: u16 = 0;
const ZIP64_EXTRA: u16 = 1;
const IN_EXTRA: u32 = u32::MAX;

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

/// Where the directory is.
struct End {
    entries: u64,
    offset: u64,
    length: u64,
    /// Start of the records that close the file.
    limit: u64,
}

/// Finds the record that closes a zip file, which a comment may follow.
fn find_end(bytes: &Bytes) -> Result<End, Problem> {
    let missing = || damaged("its directory is missing, so its end is cut off");
    let start = bytes.len().saturating_sub(END_LEN + MAX_COMMENT);
    let tail = bytes.read(start..bytes.len())?;
    let ends_file = |at: &usize| {
        let record = tail.get(*at..)?;
        let comment = u64::from(Fields(record).u16(20)?);
        (Fields(record).u32(0)? == END && record.len() as u64 == END_LEN + comment).then_some(())
    };
    let at = (0..tail.len()).rev().find(|at| ends_file(at).is_some()).ok_or_else(missing)?;
    let record = Fields(tail.get(at..).unwrap_or_default());
    let limit = start + at as u64;
    let end = plain_end(record, limit).ok_or_else(missing)?;
    match find_end_64(bytes, limit)? {
        Some(wide) => wide.agrees_with(&end).then_some(wide).ok_or_else(|| damaged("its two directory records differ")),
        None => Ok(end),
    }
}

fn plain_end(record: Fields, limit: u64) -> Option<End> {
    let spread = record.u16(4)? != 0 || record.u16(6)? != 0;
    let end = End {
        entries: u64::from(record.u16(10)?),
        length: u64::from(record.u32(12)?),
        offset: u64::from(record.u32(16)?),
        limit,
    };
    (!spread).then_some(end)
}

fn find_end_64(bytes: &Bytes, limit: u64) -> Result<Option<End>, Problem> {
    let Some(start) = limit.checked_sub(LOCATOR_64_LEN) else { return Ok(None) };
    let locator = bytes.read(start..limit)?;
    if Fields(&locator).u32(0) != Some(LOCATOR_64) {
        return Ok(None);
    }
    let at = Fields(&locator).u64(8).ok_or_else(cut_off)?;
    let stop = at.checked_add(END_64_LEN).filter(|&stop| stop <= start);
    let stop = stop.ok_or_else(|| damaged("its 64-bit directory record is said to lie past its end"))?;
    let record = bytes.read(at..stop)?;
    wide_end(Fields(&record), at).map(Some).ok_or_else(|| damaged("its 64-bit directory record is broken"))
}

fn wide_end(record: Fields, limit: u64) -> Option<End> {
    let end = End { entries: record.u64(32)?, length: record.u64(40)?, offset: record.u64(48)?, limit };
    (record.u32(0)? == END_64).then_some(end)
}

impl End {
    /// Whether a 32-bit record says the same, or says that the value is to be found in the 64-bit one.
    fn agrees_with(&self, plain: &Self) -> bool {
        let same = |wide: u64, narrow: u64, elsewhere: u64| narrow == elsewhere || narrow == wide;
        same(self.entries, plain.entries, u64::from(u16::MAX))
            && same(self.length, plain.length, u64::from(IN_EXTRA))
            && same(self.offset, plain.offset, u64::from(IN_EXTRA))
    }
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

/// A record of the central directory.
struct Header {
    name: String,
    flags: u16,
    method: u16,
    crc32: u32,
    packed: u64,
    size: u64,
    offset: u64,
    /// Of the record itself.
    length: usize,
}

impl Header {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let fields = Fields(bytes);
        let name_len = usize::from(fields.u16(28)?);
        let extra_len = usize::from(fields.u16(30)?);
        let comment_len = usize::from(fields.u16(32)?);
        let name = bytes.get(CENTRAL_LEN..CENTRAL_LEN + name_len)?;
        let extra = bytes.get(CENTRAL_LEN + name_len..CENTRAL_LEN + name_len + extra_len)?;
        let mut wide = Wide(zip64_extra(extra));
        let header = Self {
            name: String::from_utf8(name.to_vec()).ok()?,
            flags: fields.u16(8)?,
            method: fields.u16(10)?,
            crc32: fields.u32(16)?,
            // The order in which the extra field has them.
            size: wide.widen(fields.u32(24)?)?,
            packed: wide.widen(fields.u32(20)?)?,
            offset: wide.widen(fields.u32(42)?)?,
            length: CENTRAL_LEN + name_len + extra_len + comment_len,
        };
        (fields.u32(0)? == CENTRAL).then_some(header)
    }

    /// Where the data lie, which have to end before `limit`.
    fn locate(&self, bytes: &Bytes, limit: u64) -> Result<Range<u64>, Problem> {
        self.ensure_stored()?;
        let past = || damaged(format!("entry {:?} is said to lie past its end", self.name));
        let stop = self.offset.checked_add(LOCAL_LEN).filter(|&stop| stop <= limit).ok_or_else(past)?;
        let local = bytes.read(self.offset..stop)?;
        let skipped = self
            .local_tail(Fields(&local))
            .ok_or_else(|| damaged(format!("the directory and the local header of entry {:?} differ", self.name)))?;
        let start = stop + skipped;
        let end = start.checked_add(self.size).filter(|&end| end <= limit).ok_or_else(past)?;
        self.ensure_name(bytes, stop, start)?;
        Ok(start..end)
    }

    fn ensure_stored(&self) -> Result<(), Problem> {
        let packed = |how: String| Err(Problem::Packed { entry: self.name.clone(), how });
        if self.flags & ENCRYPTED != 0 {
            return packed("encryption".to_owned());
        }
        if self.method != STORED {
            return packed(format!("compression (method {})", self.method));
        }
        if self.packed != self.size {
            return Err(damaged(format!("entry {:?} has two sizes, {} and {}", self.name, self.packed, self.size)));
        }
        Ok(())
    }

    /// Length of name and extra field after the local header; `None` where it contradicts the directory.
    fn local_tail(&self, local: Fields) -> Option<u64> {
        let follow = self.flags & SIZES_FOLLOW != 0;
        let same =
            |found: u32, expected: u64| found == IN_EXTRA || u64::from(found) == expected || (follow && found == 0);
        let agrees = local.u32(0)? == LOCAL
            && local.u16(6)? == self.flags
            && local.u16(8)? == self.method
            && same(local.u32(14)?, u64::from(self.crc32))
            && same(local.u32(18)?, self.packed)
            && same(local.u32(22)?, self.size)
            && usize::from(local.u16(26)?) == self.name.len();
        agrees.then_some(u64::from(local.u16(26)?) + u64::from(local.u16(28)?))
    }

    fn ensure_name(&self, bytes: &Bytes, at: u64, data: u64) -> Result<(), Problem> {
        let stop = (at + self.name.len() as u64).min(data);
        let same = bytes.read(at..stop)? == self.name.as_bytes();
        if same { Ok(()) } else { Err(damaged(format!("entry {:?} has another local name", self.name))) }
    }
}

/// The body of the zip64 field among the extra fields, or nothing.
fn zip64_extra(mut extra: &[u8]) -> &[u8] {
    while let (Some(id), Some(length)) = (Fields(extra).u16(0), Fields(extra).u16(2)) {
        let stop = 4 + usize::from(length);
        let Some(body) = extra.get(4..stop) else { break };
        if id == ZIP64_EXTRA {
            return body;
        }
        extra = extra.get(stop..).unwrap_or_default();
    }
    &[]
}

/// Takes the 64-bit values that stand in for 32-bit ones, in their order.
struct Wide<'a>(&'a [u8]);

impl Wide<'_> {
    fn widen(&mut self, narrow: u32) -> Option<u64> {
        if narrow != IN_EXTRA {
            return Some(u64::from(narrow));
        }
        let value = Fields(self.0).u64(0)?;
        self.0 = self.0.get(8..)?;
        Some(value)
    }
}

/// Little-endian numbers at offsets of a record; `None` past its end.
#[derive(Clone, Copy)]
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn array<const N: usize>(self, at: usize) -> Option<[u8; N]> {
        self.0.get(at..)?.first_chunk::<N>().copied()
    }

    fn u16(self, at: usize) -> Option<u16> {
        self.array(at).map(u16::from_le_bytes)
    }

    fn u32(self, at: usize) -> Option<u32> {
        self.array(at).map(u32::from_le_bytes)
    }

    fn u64(self, at: usize) -> Option<u64> {
        self.array(at).map(u64::from_le_bytes)
    }
}

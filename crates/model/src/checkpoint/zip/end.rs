//! Finds the record that closes a zip file and tells where its directory is.

use super::fields::Fields;
use super::{cut_off, damaged};
use crate::checkpoint::bytes::Bytes;
use crate::checkpoint::problem::Problem;

const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const LOCATOR_64: u32 = 0x0706_4b50;
const END_LEN: u64 = 22;
const END_64_LEN: u64 = 56;
const LOCATOR_64_LEN: u64 = 20;
const MAX_COMMENT: u64 = 0xffff;
/// A 32-bit value that says that the true one is in the 64-bit record.
const ELSEWHERE: u64 = u32::MAX as u64;

/// Where the directory is.
pub struct End {
    pub entries: u64,
    pub offset: u64,
    pub length: u64,
    /// Start of the records that close the file.
    pub limit: u64,
}

/// Finds the record that closes a zip file, which a comment may follow.
pub fn find_end(bytes: &Bytes) -> Result<End, Problem> {
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
            && same(self.length, plain.length, ELSEWHERE)
            && same(self.offset, plain.offset, ELSEWHERE)
    }
}

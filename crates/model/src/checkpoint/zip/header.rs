//! Records of the directory, compared with the headers before the data.

use super::damaged;
use super::fields::Fields;
use crate::checkpoint::bytes::Bytes;
use crate::checkpoint::problem::Problem;
use std::ops::Range;

pub const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const LOCAL_LEN: u64 = 30;
const CENTRAL_LEN: usize = 46;
const ENCRYPTED: u16 = 1;
/// Sizes and checksum follow the data; the local header has zeros in their place.
const SIZES_FOLLOW: u16 = 1 << 3;
const STORED: u16 = 0;
const ZIP64_EXTRA: u16 = 1;
/// A 32-bit value that says that the true one is in the extra field.
const IN_EXTRA: u32 = u32::MAX;

/// A record of the central directory.
pub struct Header {
    pub name: String,
    flags: u16,
    method: u16,
    pub crc32: u32,
    packed: u64,
    size: u64,
    offset: u64,
    /// Of the record itself.
    pub length: usize,
}

impl Header {
    pub fn parse(bytes: &[u8]) -> Option<Self> {
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
    pub fn locate(&self, bytes: &Bytes, limit: u64) -> Result<Range<u64>, Problem> {
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
        let follow = local.u16(6)? & SIZES_FOLLOW != 0;
        let same =
            |found: u32, expected: u64| found == IN_EXTRA || u64::from(found) == expected || (follow && found == 0);
        let agrees = local.u32(0)? == LOCAL
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A record of entry `a` whose size is in a zip64 field behind another field.
    fn record(extra: &[u8]) -> Vec<u8> {
        let mut record = vec![0; CENTRAL_LEN];
        record[..4].copy_from_slice(&CENTRAL.to_le_bytes());
        record[20..28].fill(0xff);
        record[28] = 1;
        record[30] = extra.len() as u8;
        record[42] = 9;
        record.push(b'a');
        record.extend(extra);
        record
    }

    #[test]
    fn sizes_of_more_than_32_bits_are_in_the_extra_field() {
        let mut extra = b"FB\x02\0ZZ\x01\0\x10\0".to_vec();
        extra.extend([5_u64 << 32, 6 << 32].map(u64::to_le_bytes).concat());
        let header = Header::parse(&record(&extra)).unwrap();
        assert_eq!((header.size, header.packed, header.offset), (5 << 32, 6 << 32, 9));
        assert_eq!(header.length, CENTRAL_LEN + 1 + extra.len());
    }

    #[test]
    fn a_record_without_its_sizes_is_none() {
        for extra in [&b""[..], b"\x01\0\x08\0\0\0\0\0\0\0\0\0", b"\x01\0\x10\0", b"\x01"] {
            assert!(Header::parse(&record(extra)).is_none(), "{extra:?}");
        }
    }
}

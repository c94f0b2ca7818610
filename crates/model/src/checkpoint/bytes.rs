//! Random access to the bytes of a checkpoint, never past its end and never all at once.
//!
//! Ranges are read where a memory map would save one copy, because a mapped file that somebody cuts short kills the
//! process instead of giving an error.

use super::problem::Problem;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fs::{File, Metadata};
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::time::SystemTime;

/// The largest published checkpoint has 0.9 GB; one with the state of an optimiser has three times that.
const MAX_FILE: u64 = 8 << 30;
const CHUNK: u64 = 1 << 20;

pub(super) enum Bytes {
    File { file: File, len: u64, modified: Option<SystemTime> },
    Memory(Cow<'static, [u8]>),
}

impl Bytes {
    pub fn open(path: &Path) -> Result<Self, Problem> {
        // Asked before opening: to open a pipe would wait for its other end.
        regular(&std::fs::metadata(path)?)?;
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        regular(&metadata)?;
        let len = metadata.len();
        if len > MAX_FILE {
            return Err(Problem::TooLarge { what: "bytes in the file", found: len, limit: MAX_FILE });
        }
        Ok(Self::File { file, len, modified: metadata.modified().ok() })
    }

    pub fn len(&self) -> u64 {
        match self {
            Self::File { len, .. } => *len,
            Self::Memory(bytes) => bytes.len() as u64,
        }
    }

    /// Fails where the file is not the one that was opened any more.
    pub fn ensure_unchanged(&self) -> Result<(), Problem> {
        let Self::File { file, len, modified } = self else { return Ok(()) };
        let now = file.metadata()?;
        if now.len() == *len && now.modified().ok() == *modified { Ok(()) } else { Err(Problem::Changed) }
    }

    /// Copies `range` out; the caller has bounded its length.
    pub fn read(&self, range: Range<u64>) -> Result<Vec<u8>, Problem> {
        let mut copy = Vec::new();
        self.for_each_chunk(range, |chunk| {
            copy.extend_from_slice(chunk);
            Ok(())
        })?;
        Ok(copy)
    }

    /// Hands out `range` in order, in pieces whose lengths are multiples of 8 but for the last.
    pub fn for_each_chunk(
        &self,
        range: Range<u64>,
        mut visit: impl FnMut(&[u8]) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        if range.start > range.end || range.end > self.len() {
            return Err(past_end());
        }
        match self {
            Self::Memory(bytes) => visit(slice(bytes, &range).ok_or_else(past_end)?),
            Self::File { file, .. } => file_chunks(file, range, visit),
        }
    }

    /// SHA-256 of everything, in lower-case hexadecimal.
    pub fn sha256(&self) -> Result<String, Problem> {
        let mut hash = Sha256::new();
        self.for_each_chunk(0..self.len(), |chunk| {
            hash.update(chunk);
            Ok(())
        })?;
        Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// CRC-32 of `range`, as in zip.
    pub fn crc32(&self, range: Range<u64>) -> Result<u32, Problem> {
        let mut crc = crc32fast::Hasher::new();
        self.for_each_chunk(range, |chunk| {
            crc.update(chunk);
            Ok(())
        })?;
        Ok(crc.finalize())
    }
}

fn regular(metadata: &Metadata) -> Result<(), Problem> {
    if metadata.is_file() { Ok(()) } else { Err(Problem::NotAFile) }
}

fn past_end() -> Problem {
    Problem::Read(std::io::ErrorKind::UnexpectedEof.into())
}

fn slice<'a>(bytes: &'a [u8], range: &Range<u64>) -> Option<&'a [u8]> {
    bytes.get(usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?)
}

fn file_chunks(
    mut file: &File,
    range: Range<u64>,
    mut visit: impl FnMut(&[u8]) -> Result<(), Problem>,
) -> Result<(), Problem> {
    file.seek(SeekFrom::Start(range.start))?;
    let mut left = range.end - range.start;
    // CHUNK bounds the length, so it fits.
    let mut buffer = vec![0; left.min(CHUNK) as usize];
    while left > 0 {
        let count = left.min(CHUNK);
        let chunk = buffer.get_mut(..count as usize).ok_or_else(past_end)?;
        file.read_exact(chunk)?;
        visit(chunk)?;
        left -= count;
    }
    Ok(())
}

//! Whether a file is as long as its container says. Demuxers take the early end of a file for the end of the stream,
//! so that a download that broke off would pass for a short video.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes that are missing at the end of an MP4, MOV, AVI or Matroska file; `None` for other files and where the
/// container does not say how long it is.
pub(crate) fn missing_bytes(path: &Path) -> Option<u64> {
    measure(path).ok().flatten()
}

fn measure(path: &Path) -> io::Result<Option<u64>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    Ok(declared_end(&mut file, length)?.map(|end| end.saturating_sub(length)))
}

/// The boxes that an MP4 or MOV file has at its top. Anything else behind them is a foreign appendix.
const ISO_BOXES: [[u8; 4]; 13] = [
    *b"ftyp", *b"moov", *b"mdat", *b"moof", *b"free", *b"skip", *b"wide", *b"uuid", *b"mfra", *b"sidx", *b"styp",
    *b"meta", *b"udta",
];

fn declared_end(file: &mut (impl Read + Seek), length: u64) -> io::Result<Option<u64>> {
    let mut start = [0; 12];
    file.read_exact(&mut start)?;
    match start {
        [b'R', b'I', b'F', b'F', .., b'A', b'V', b'I', b' '] => walk(file, length, riff_chunk),
        [_, _, _, _, a, b, c, d, ..] if ISO_BOXES.contains(&[a, b, c, d]) => walk(file, length, iso_box),
        [0x1a, 0x45, 0xdf, 0xa3, ..] => matroska_end(file),
        _ => Ok(None),
    }
}

/// Follows parts that lie one behind the other; `size_of` gives a part's whole size, `None` for "up to the end" and for
/// what is no part.
fn walk<F: Read + Seek>(
    file: &mut F,
    length: u64,
    size_of: fn(&mut F) -> io::Result<Option<u64>>,
) -> io::Result<Option<u64>> {
    let mut end: u64 = 0;
    // A rest too short for a header is padding.
    while end.saturating_add(8) <= length {
        file.seek(SeekFrom::Start(end))?;
        match size_of(file)? {
            Some(size) if size >= 8 => end = end.saturating_add(size),
            _ => return Ok(None),
        }
    }
    Ok(Some(end))
}

fn iso_box(file: &mut (impl Read + Seek)) -> io::Result<Option<u64>> {
    let [size @ .., a, b, c, d] = bytes::<8>(file)?;
    match u32::from_be_bytes(size) {
        _ if !ISO_BOXES.contains(&[a, b, c, d]) => Ok(None),
        0 => Ok(None),
        1 => Ok(Some(u64::from_be_bytes(bytes(file)?))),
        size => Ok(Some(size.into())),
    }
}

fn riff_chunk(file: &mut (impl Read + Seek)) -> io::Result<Option<u64>> {
    let [name @ .., a, b, c, d] = bytes::<8>(file)?;
    let size = u64::from(u32::from_le_bytes([a, b, c, d]));
    // A writer that was cut off leaves the size open.
    let known = &name == b"RIFF" && size != 0 && size != u64::from(u32::MAX);
    Ok(known.then_some(8 + size + size % 2))
}

/// End of the segment of a Matroska or WebM file.
fn matroska_end(file: &mut (impl Read + Seek)) -> io::Result<Option<u64>> {
    file.seek(SeekFrom::Start(4))?;
    let Some(header) = variable_size(file)? else {
        return Ok(None);
    };
    file.seek(SeekFrom::Current(i64::try_from(header).unwrap_or(i64::MAX)))?;
    if bytes::<4>(file)? != [0x18, 0x53, 0x80, 0x67] {
        return Ok(None);
    }
    let Some(size) = variable_size(file)? else {
        return Ok(None);
    };
    Ok(Some(file.stream_position()?.saturating_add(size)))
}

/// A number whose leading zero bits tell its length; all ones mean "unknown".
fn variable_size(file: &mut impl Read) -> io::Result<Option<u64>> {
    let [first] = bytes(file)?;
    let more = first.leading_zeros();
    if more > 7 {
        return Ok(None);
    }
    let mut number = u64::from(first) & (0x7f >> more);
    for _ in 0..more {
        let [next] = bytes(file)?;
        number = number << 8 | u64::from(next);
    }
    Ok((number != (1 << (7 * (more + 1))) - 1).then_some(number))
}

fn bytes<const N: usize>(file: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn end(bytes: &[u8]) -> Option<u64> {
        declared_end(&mut Cursor::new(bytes), bytes.len() as u64).ok().flatten()
    }

    #[test]
    fn boxes_are_followed() {
        let whole = [&b"\0\0\0\x10ftypisom\0\0\0\0"[..], b"\0\0\0\x0cmdatabcd"].concat();
        assert_eq!(end(&whole), Some(28));
        assert_eq!(end(&whole[..26]), Some(28));
        let long = [&b"\0\0\0\x10ftypisom\0\0\0\0"[..], b"\0\0\0\x01mdat\0\0\0\0\0\0\x01\0"].concat();
        assert_eq!(end(&long), Some(16 + 256));
        let open = [&b"\0\0\0\x10ftypisom\0\0\0\0"[..], b"\0\0\0\0mdatabcd"].concat();
        assert_eq!(end(&open), None);
        let appendix = [&whole[..], b"TAG and more"].concat();
        assert_eq!(end(&appendix), None);
    }

    #[test]
    fn riff_chunks_are_followed() {
        assert_eq!(end(b"RIFF\x08\0\0\0AVI abcd"), Some(16));
        assert_eq!(end(b"RIFF\x09\0\0\0AVI abcd"), Some(18));
        assert_eq!(end(b"RIFF\0\0\0\0AVI abcd"), None);
    }

    #[test]
    fn matroska_segments_are_measured() {
        assert_eq!(end(b"\x1a\x45\xdf\xa3\x81x\x18\x53\x80\x67\x40\x10"), Some(12 + 16));
        assert_eq!(end(b"\x1a\x45\xdf\xa3\x81x\x18\x53\x80\x67\xffab"), None);
    }

    #[test]
    fn other_files_are_left_alone() {
        assert_eq!(end(b"GIF89a......"), None);
        assert_eq!(end(b"short"), None);
    }
}

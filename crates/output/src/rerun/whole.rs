use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use re_log_encoding::{Decodable, MessageHeader, MessageKind, RRD_FOURCC, StreamHeader};

const HEAD: usize = MessageHeader::ENCODED_SIZE_BYTES;

/// Length of the part of a file that ends with a whole message: what follows was torn by a kill or a full disk.
///
/// # Errors
/// `InvalidData` for files that hold anything else, or that other programs have closed: their index would no longer fit.
pub(super) fn whole_length(file: &mut File) -> io::Result<u64> {
    let length = file.metadata()?.len();
    let mut end = 0;
    while let Some(next) = next_end(file, end, length)? {
        end = next;
    }
    Ok(end)
}

/// End of the message, or of the head of a recording, that begins there; `None` where it is torn or missing.
fn next_end(file: &mut File, start: u64, length: u64) -> io::Result<Option<u64>> {
    file.seek(SeekFrom::Start(start))?;
    let mut head = Vec::with_capacity(HEAD);
    file.take(HEAD as u64).read_to_end(&mut head)?;
    let size = match head.first_chunk::<4>() {
        Some(word) if *word == RRD_FOURCC => StreamHeader::ENCODED_SIZE_BYTES as u64,
        _ if start == 0 && !RRD_FOURCC.starts_with(&head) => return Err(foreign()),
        // A machine without power leaves zeros.
        _ if head.len() < HEAD || head.iter().all(|byte| *byte == 0) => return Ok(None),
        _ => message_size(&head)?,
    };
    Ok(start.checked_add(size).filter(|end| *end <= length))
}

fn message_size(head: &[u8]) -> io::Result<u64> {
    let header = MessageHeader::from_rrd_bytes(head).map_err(|_| foreign())?;
    if header.kind == MessageKind::End {
        return Err(foreign());
    }
    header.len.checked_add(HEAD as u64).ok_or_else(foreign)
}

fn foreign() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "it is there and was not written by maskd; choose another name")
}

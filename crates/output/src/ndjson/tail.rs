use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// Bytes that are searched at once.
const STEP: u64 = 64 * 1024;

/// Cuts off what follows the last line break, which a run that was killed may have left, and goes to the end.
/// Returns the length that remains.
pub(super) fn cut_torn_line(file: &mut File) -> io::Result<u64> {
    let length = file.metadata()?.len();
    let whole = end_of_last_line(file, length)?;
    if whole < length {
        file.set_len(whole)?;
    }
    file.seek(SeekFrom::Start(whole))
}

fn end_of_last_line(file: &mut File, length: u64) -> io::Result<u64> {
    let mut end = length;
    let mut bytes = Vec::new();
    while end > 0 {
        let start = end.saturating_sub(STEP);
        file.seek(SeekFrom::Start(start))?;
        bytes.clear();
        file.by_ref().take(end - start).read_to_end(&mut bytes)?;
        if let Some(place) = bytes.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + place as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

//! Recognises a format by content, whatever the file is called.

use super::bytes::Bytes;
use super::listing::Listing;
use super::problem::Problem;
use super::{safetensors, torch_zip, zip};

/// Beginnings of what people take for checkpoints by mistake.
const MISTAKEN: &[(&[u8], &str)] = &[
    (b"\x89PNG", "it begins like a PNG image"),
    (b"\xff\xd8\xff", "it begins like a JPEG image"),
    (b"version https://git-lfs", "it is a Git LFS pointer; fetch the file behind it with `git lfs pull`"),
    (b"<", "it begins like a web page, perhaps an error message saved in place of a download"),
    (b"\x1f\x8b", "it begins like a gzip file; unpack it first"),
    (b"\x93NUMPY", "it begins like a NumPy array"),
    (b"GGUF", "it begins like a GGUF file"),
    (b"\x08", "it begins like an ONNX file"),
];

const PICKLE: u8 = 0x80;

/// Reads what a file holds.
pub(super) fn read_listing(bytes: &Bytes) -> Result<Listing, Problem> {
    let start = bytes.read(0..bytes.len().min(32))?;
    if zip::claims(&start) {
        torch_zip::read(bytes)
    } else if safetensors::claims(&start) {
        safetensors::read(bytes)
    } else if start.first() == Some(&PICKLE) {
        Err(Problem::LegacyPickle)
    } else {
        Err(Problem::NotACheckpoint { found: describe(&start) })
    }
}

fn describe(start: &[u8]) -> String {
    if start.is_empty() {
        return "it is empty".to_owned();
    }
    let known = MISTAKEN.iter().find(|(magic, _)| start.starts_with(magic));
    known.map_or_else(
        || format!("it begins with {:02x?}", start.get(..8).unwrap_or(start)),
        |(_, text)| (*text).to_owned(),
    )
}

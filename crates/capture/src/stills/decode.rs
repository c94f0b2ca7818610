use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use maskd_types::{Frame, Stamp};

use super::{jpeg, png};
use crate::{CaptureError, ImageError};

/// A decoded picture: `[height, width, 3]` bytes, red first.
pub(super) struct Picture {
    pub width: u32,
    pub height: u32,
    pub rgb: Vec<u8>,
}

/// Why a picture gives no frame.
pub(super) enum Refusal {
    TooLarge(u64, u64),
    Broken(ImageError),
}

impl<E: Into<ImageError>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}

/// Reads and decodes one picture. An orientation note in it is not followed, as the reference loader does not either.
pub(super) fn frame(path: &Path, number: u64, stamp: Stamp, max_pixels: u64) -> Result<Frame, CaptureError> {
    let bytes = std::fs::read(path).map_err(|source| CaptureError::Unreadable { path: path.to_owned(), source })?;
    if bytes.is_empty() {
        return Err(CaptureError::EmptyFile { path: path.to_owned() });
    }
    let Picture { width, height, rgb } = decode(&bytes, max_pixels).map_err(|refusal| match refusal {
        Refusal::TooLarge(width, height) => {
            CaptureError::TooLarge { name: path.display().to_string(), width, height, max_pixels }
        }
        Refusal::Broken(source) => CaptureError::Image { path: path.to_owned(), source },
    })?;
    Ok(Frame { number, stamp, width, height, intact: true, rgb: Arc::from(rgb) })
}

fn decode(bytes: &[u8], max_pixels: u64) -> Result<Picture, Refusal> {
    if jpeg::is_jpeg(bytes) {
        jpeg::decode(bytes, max_pixels)
    } else if png::is_png(bytes) {
        png::decode(bytes, max_pixels)
    } else {
        Err(Refusal::Broken(ImageError::Unknown))
    }
}

/// Refuses a size before memory is taken for it.
pub(super) fn check_size(width: u64, height: u64, max_pixels: u64) -> Result<(), Refusal> {
    match width.checked_mul(height) {
        Some(pixels) if pixels <= max_pixels => Ok(()),
        _ => Err(Refusal::TooLarge(width, height)),
    }
}

/// Whether a file is a single picture. Raw motion JPEG begins like one, so that its extension decides.
pub(crate) fn is_picture(path: &Path) -> bool {
    let motion = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("mjpeg") || extension.eq_ignore_ascii_case("mjpg"));
    let mut start = [0; 8];
    let whole = File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok();
    whole && !motion && (jpeg::is_jpeg(&start) || png::is_png(&start))
}

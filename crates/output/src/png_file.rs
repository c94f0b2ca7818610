//! PNG bytes, and files that are either complete or not there.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError, Filter};

use crate::{OutputError, Picture};

pub(crate) fn encode_rgb(picture: &Picture) -> Result<Vec<u8>, EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, picture.width(), picture.height());
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(picture.pixels().as_flattened())?;
    writer.finish()?;
    Ok(bytes)
}

/// An image of palette indices `[height, width]`.
pub(crate) fn encode_indexed(
    width: u32,
    height: u32,
    indices: &[u8],
    palette: &[u8],
) -> Result<Vec<u8>, EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_palette(palette);
    encoder.set_compression(Compression::Fast);
    // Rows of a mask are mostly like the row above.
    encoder.set_filter(Filter::Up);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(indices)?;
    writer.finish()?;
    Ok(bytes)
}

/// Writes a file beside its place and then moves it there, so that no reader, kill or full disk ever leaves half of it.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    let partial = partial_name(path);
    let result = write_and_move(&partial, path, bytes);
    if result.is_err() {
        // The first error is the one to tell; the leftover may not even exist.
        let _ = fs::remove_file(&partial);
    }
    result
}

fn write_and_move(partial: &Path, path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    let mut file = File::create(partial).map_err(|source| OutputError::Create { path: path.to_owned(), source })?;
    let written = file.write_all(bytes).and_then(|()| fs::rename(partial, path));
    written.map_err(|source| OutputError::Write { path: path.to_owned(), source })
}

fn partial_name(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".part");
    path.with_file_name(name)
}

//! Masks that users bring along as PNG.
//!
//! Any pixel that is not 0 is inside: a palette index, a grey value, or any of red, green and blue; a fully transparent
//! pixel is outside. An indexed PNG that holds more than one index (an annotation of several objects as DAVIS has them, or
//! what `--masks` writes) is asked for the pixels that carry the object's own id.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Seek};
use std::path::Path;

use maskd_types::{BinaryMask, MaskError, ObjectId, Rle};
use png::{BitDepth, ColorType, Decoder, Reader, Transformations};

/// Why a file is no mask for this input.
#[derive(Debug, thiserror::Error)]
pub enum MaskFileError {
    /// It cannot be opened.
    #[error("it cannot be opened")]
    Open(#[from] std::io::Error),
    /// It is no PNG, or a damaged one.
    #[error("it is no readable PNG")]
    Png(#[from] png::DecodingError),
    /// It is not as large as the frames.
    #[error("it is {}x{} pixels, the frames are {}x{}", found[0], found[1], expected[0], expected[1])]
    Size {
        /// Width and height of the PNG.
        found: [u32; 2],
        /// Width and height of the frames.
        expected: [u32; 2],
    },
    /// Nothing is inside.
    #[error("every pixel of it is 0, so there is nothing to track")]
    Empty,
    /// It has several objects, none of which is the one asked for.
    #[error("it holds several objects, numbered {}, and object {object} is not among them", list(found))]
    OtherObjects {
        /// The object asked for.
        object: ObjectId,
        /// The palette indices in it.
        found: BTreeSet<u8>,
    },
    /// The decoder gave something else than it announced.
    #[error("its pixels do not fit its header")]
    Pixels(#[from] MaskError),
}

impl MaskFileError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Open(_) => "check the path; paths in a prompts file are relative to that file",
            Self::Png(_) | Self::Pixels(_) => {
                "save the mask as PNG again: 0 for background, anything else for the object"
            }
            Self::Size { .. } => "a mask has exactly the size of the input's frames; scale it without smoothing",
            Self::Empty => "paint the object with any value but 0",
            Self::OtherObjects { .. } => "use the number that the object has in the mask as its id",
        }
    }
}

fn list(found: &BTreeSet<u8>) -> String {
    let ids: Vec<String> = found.iter().map(ToString::to_string).collect();
    ids.join(", ")
}

/// Reads the mask of `object` from a PNG that must be `width` x `height` pixels.
///
/// # Errors
/// See [`MaskFileError`]. The size is compared before any pixel is unpacked.
pub fn load(path: &Path, object: ObjectId, width: u32, height: u32) -> Result<Rle, MaskFileError> {
    decode(BufReader::new(File::open(path)?), object, [width, height])
}

/// All objects of an annotation, with its width and height: an indexed PNG numbers them by its palette, as DAVIS and `--masks` have it, any other
/// shows one, number 1. An annotation may be empty.
///
/// # Errors
/// [`MaskFileError::Open`], [`MaskFileError::Png`] or [`MaskFileError::Pixels`].
pub fn load_all(path: &Path) -> Result<([u32; 2], BTreeMap<ObjectId, Rle>), MaskFileError> {
    let reader = open(BufReader::new(File::open(path)?))?;
    let (size, (_, values)) = (size(&reader), unpack(reader)?);
    let found: BTreeSet<u8> = values.iter().copied().collect();
    let ids = found.iter().filter_map(|value| Some((*value, ObjectId::new((*value).into())?)));
    let mask =
        |value| BinaryMask::new(size[0], size[1], values.iter().map(|pixel| u8::from(*pixel == value)).collect());
    let masks: Result<_, MaskError> = ids.map(|(value, id)| Ok((id, Rle::encode(&mask(value)?)))).collect();
    Ok((size, masks?))
}

fn decode(png: impl BufRead + Seek, object: ObjectId, expected: [u32; 2]) -> Result<Rle, MaskFileError> {
    let reader = open(png)?;
    let found = size(&reader);
    if found != expected {
        return Err(MaskFileError::Size { found, expected });
    }
    let (indexed, mut inside) = unpack(reader)?;
    if indexed {
        choose(&mut inside, object)?;
    }
    let mask = BinaryMask::new(found[0], found[1], inside)?;
    let rle = Rle::encode(&mask);
    if rle.is_empty() { Err(MaskFileError::Empty) } else { Ok(rle) }
}

fn open<R: BufRead + Seek>(png: R) -> Result<Reader<R>, MaskFileError> {
    let mut decoder = Decoder::new(png);
    decoder.set_transformations(Transformations::IDENTITY);
    Ok(decoder.read_info()?)
}

fn size<R: BufRead + Seek>(reader: &Reader<R>) -> [u32; 2] {
    [reader.info().width, reader.info().height]
}

/// One byte per pixel, the palette index of an indexed PNG, 0 or 1 of any other; and whether it is indexed.
fn unpack<R: BufRead + Seek>(mut reader: Reader<R>) -> Result<(bool, Vec<u8>), MaskFileError> {
    let [width, _] = size(&reader);
    let layout = Layout::of(reader.info());
    // Grows with what is there: a header may promise anything.
    let mut pixels = Vec::new();
    while let Some(row) = reader.next_row()? {
        layout.unpack(row.data(), width, &mut pixels);
    }
    Ok((layout.indexed, pixels))
}

/// Where an indexed mask holds several objects, keeps only one of them.
fn choose(indices: &mut [u8], object: ObjectId) -> Result<(), MaskFileError> {
    let found: BTreeSet<u8> = indices.iter().copied().filter(|&index| index != 0).collect();
    if found.len() < 2 {
        return Ok(());
    }
    let wanted = u8::try_from(object.get()).ok().filter(|id| found.contains(id));
    let Some(wanted) = wanted else {
        return Err(MaskFileError::OtherObjects { object, found });
    };
    for index in indices {
        *index = u8::from(*index == wanted);
    }
    Ok(())
}

/// How the pixels of a PNG lie in its rows.
struct Layout {
    indexed: bool,
    alpha: bool,
    channels: usize,
    depth: BitDepth,
}

impl Layout {
    fn of(info: &png::Info<'_>) -> Self {
        Self {
            indexed: info.color_type == ColorType::Indexed,
            alpha: matches!(info.color_type, ColorType::GrayscaleAlpha | ColorType::Rgba),
            channels: info.color_type.samples(),
            depth: info.bit_depth,
        }
    }

    /// Adds one byte per pixel: the palette index of an indexed PNG, 0 or 1 of any other.
    fn unpack(&self, row: &[u8], width: u32, to: &mut Vec<u8>) {
        let pixels = width as usize;
        match self.depth {
            BitDepth::Eight if self.indexed => to.extend(row.iter().take(pixels)),
            BitDepth::Eight => to.extend(row.chunks_exact(self.channels).map(|pixel| self.inside(pixel, 1))),
            BitDepth::Sixteen => to.extend(row.chunks_exact(2 * self.channels).map(|pixel| self.inside(pixel, 2))),
            BitDepth::One | BitDepth::Two | BitDepth::Four => {
                let samples = row.iter().flat_map(|byte| split(*byte, self.depth as u8));
                to.extend(samples.take(pixels));
            }
        }
    }

    fn inside(&self, pixel: &[u8], bytes: usize) -> u8 {
        let (colour, alpha) = pixel.split_at(pixel.len() - if self.alpha { bytes } else { 0 });
        let any = |bytes: &[u8]| bytes.iter().any(|byte| *byte != 0);
        u8::from(any(colour) && (alpha.is_empty() || any(alpha)))
    }
}

/// The samples of a byte that holds several, the leftmost first.
fn split(byte: u8, bits: u8) -> impl Iterator<Item = u8> {
    (0..8 / bits).map(move |index| (byte << (index * bits)) >> (8 - bits))
}

#[cfg(test)]
mod tests;

//! JPEG by `libjpeg-turbo-rs`, whose pixels equal those of the reference loader (Pillow on libjpeg-turbo) bit for bit.

use libjpeg_turbo_rs::{DecodeLimits, Decoder, PixelFormat, probe};

use super::decode::{Picture, Refusal, check_size};
use crate::ImageError;

pub(super) fn is_jpeg(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xd8, 0xff])
}

pub(super) fn decode(bytes: &[u8], max_pixels: u64) -> Result<Picture, Refusal> {
    let header = probe(bytes)?;
    check_size(header.width as u64, header.height as u64, max_pixels)?;
    if header.components == 4 {
        return Err(Refusal::Broken(ImageError::Unsupported("JPEG with CMYK colours")));
    }
    if header.precision != 8 {
        return Err(Refusal::Broken(ImageError::Unsupported("JPEG of more or less than 8 bit per channel")));
    }
    let mut decoder = Decoder::new_with_limits(bytes, limits(max_pixels))?;
    // As libjpeg does by default; it changes only progressive pictures that lack their last scans.
    decoder.set_block_smoothing(true);
    decoder.set_output_format(PixelFormat::Rgb);
    let image = decoder.decode_image()?;
    picture(image.width, image.height, image.data)
}

fn limits(max_pixels: u64) -> DecodeLimits {
    // More scans than any encoder writes: each costs a pass over the whole picture.
    DecodeLimits { max_pixels, max_scans: 500, ..DecodeLimits::default() }
}

fn picture(width: usize, height: usize, rgb: Vec<u8>) -> Result<Picture, Refusal> {
    let unusable = ImageError::Unsupported("a picture of this size");
    match (u32::try_from(width), u32::try_from(height)) {
        (Ok(width), Ok(height)) => Ok(Picture { width, height, rgb }),
        _ => Err(Refusal::Broken(unusable)),
    }
}

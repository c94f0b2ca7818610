//! PNG as Pillow's `convert("RGB")` gives it: palettes are looked up, grey is repeated, alpha is dropped without
//! blending. Of 16 bit samples the upper byte is kept; Pillow does so for colours too but cuts 16 bit grey off at 255.

use std::io::Cursor;

use png::{ColorType, Decoder, Limits, Transformations};

use super::decode::{Picture, Refusal, check_size};
use crate::ImageError;

pub(super) fn is_png(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG\r\n\x1a\n")
}

pub(super) fn decode(bytes: &[u8], max_pixels: u64) -> Result<Picture, Refusal> {
    let memory = usize::try_from(max_pixels.saturating_mul(8)).unwrap_or(usize::MAX);
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: memory });
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let header = decoder.read_header_info()?;
    check_size(header.width.into(), header.height.into(), max_pixels)?;
    let mut reader = decoder.read_info()?;
    let size = reader.output_buffer_size().ok_or(ImageError::Unsupported("a picture of this size"))?;
    let mut data = vec![0; size];
    let info = reader.next_frame(&mut data)?;
    data.truncate(info.buffer_size());
    // Reads on to the end, so that a file that breaks off is noticed.
    reader.finish()?;
    Ok(Picture { width: info.width, height: info.height, rgb: to_rgb(data, info.color_type) })
}

fn to_rgb(data: Vec<u8>, colours: ColorType) -> Vec<u8> {
    match colours {
        // The decoder has looked palettes up already.
        ColorType::Rgb | ColorType::Indexed => data,
        ColorType::Rgba => data.as_chunks::<4>().0.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect(),
        ColorType::Grayscale => data.iter().flat_map(|&grey| [grey; 3]).collect(),
        ColorType::GrayscaleAlpha => data.as_chunks::<2>().0.iter().flat_map(|&[grey, _]| [grey; 3]).collect(),
    }
}

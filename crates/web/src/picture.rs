//! Frames as pictures for people: scaled, drawn on, compressed.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use jpeg_encoder::{ColorType, Encoder};
use maskd_output::{Picture, overlay};
use maskd_types::TrackedFrame;

/// Pixels `[height, width, 3]`, red first.
#[derive(Clone, Debug)]
pub(crate) struct Pixels {
    pub(crate) width: u16,
    pub(crate) height: u16,
    rgb: Vec<u8>,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PictureError {
    #[error("the frame is too large for a picture")]
    Size,
    #[error("the frame cannot be scaled")]
    Scale,
    #[error(transparent)]
    Jpeg(#[from] jpeg_encoder::EncodingError),
    #[error(transparent)]
    Png(#[from] png::EncodingError),
}

impl Pixels {
    /// A frame, with what is known of it drawn onto it or not.
    pub(crate) fn of(frame: &TrackedFrame, with_overlay: bool) -> Result<Self, PictureError> {
        if with_overlay {
            return Self::drawn(&overlay::draw(frame));
        }
        Self::new(frame.frame.width, frame.frame.height, frame.frame.rgb.to_vec())
    }

    fn drawn(picture: &Picture) -> Result<Self, PictureError> {
        Self::new(picture.width(), picture.height(), picture.pixels().as_flattened().to_vec())
    }

    fn new(width: u32, height: u32, rgb: Vec<u8>) -> Result<Self, PictureError> {
        let side = |length: u32| u16::try_from(length).map_err(|_| PictureError::Size);
        Ok(Self { width: side(width)?, height: side(height)?, rgb })
    }

    /// The frame at most `width` wide, never enlarged.
    pub(crate) fn scaled(frame: &TrackedFrame, width: u32) -> Result<Self, PictureError> {
        let source = &frame.frame;
        let (width, height) = fitting(source.width, source.height, width);
        if width == source.width {
            return Self::of(frame, false);
        }
        resize(&source.rgb, [source.width, source.height], [0, 0, source.width, source.height], [width, height])
    }

    /// A part of the frame, `[x0, y0, x1, y1]` edges, in a picture of that size.
    pub(crate) fn part(frame: &TrackedFrame, edges: [u32; 4], size: [u32; 2]) -> Result<Self, PictureError> {
        resize(&frame.frame.rgb, [frame.frame.width, frame.frame.height], edges, size)
    }

    /// `quality` from 1 to 100.
    pub(crate) fn jpeg(&self, quality: u8) -> Result<Vec<u8>, PictureError> {
        let mut bytes = Vec::new();
        Encoder::new(&mut bytes, quality).encode(&self.rgb, self.width, self.height, ColorType::Rgb)?;
        Ok(bytes)
    }

    pub(crate) fn png(&self) -> Result<Vec<u8>, PictureError> {
        png_of(u32::from(self.width), u32::from(self.height), png::ColorType::Rgb, png::BitDepth::Eight, &self.rgb)
    }
}

/// A PNG of any kind of pixels.
pub(crate) fn png_of(
    width: u32,
    height: u32,
    colour: png::ColorType,
    depth: png::BitDepth,
    data: &[u8],
) -> Result<Vec<u8>, PictureError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    encoder.write_header()?.write_image_data(data)?;
    Ok(bytes)
}

/// The largest size of the same shape that is at most so wide.
pub(crate) fn fitting(width: u32, height: u32, most: u32) -> (u32, u32) {
    if width <= most.max(1) {
        return (width, height);
    }
    let scale = f64::from(most.max(1)) / f64::from(width);
    // Never larger than what it was, which fits.
    (most.max(1), ((f64::from(height) * scale).round() as u32).max(1))
}

fn resize(rgb: &[u8], from: [u32; 2], edges: [u32; 4], to: [u32; 2]) -> Result<Pixels, PictureError> {
    let source = ImageRef::new(from[0], from[1], rgb, PixelType::U8x3).map_err(|_| PictureError::Scale)?;
    let mut target = Image::new(to[0], to[1], PixelType::U8x3);
    let [x0, y0, x1, y1] = edges.map(f64::from);
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Bilinear))
        .crop(x0, y0, x1 - x0, y1 - y0)
        .use_alpha(false);
    Resizer::new().resize(&source, &mut target, &options).map_err(|_| PictureError::Scale)?;
    Pixels::new(to[0], to[1], target.into_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_stays() {
        assert_eq!(fitting(1920, 1080, 640), (640, 360));
        assert_eq!(fitting(320, 240, 640), (320, 240));
        assert_eq!(fitting(10_000, 1, 10), (10, 1));
        assert_eq!(fitting(100, 50, 0), (1, 1));
    }
}

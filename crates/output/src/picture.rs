use std::path::Path;

use maskd_types::Frame;

use crate::{OutputError, png_file};

/// A picture to draw on: 8 bit sRGB, `[height, width]` pixels of red, green, blue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    pixels: Vec<[u8; 3]>,
}

impl Picture {
    /// A picture of one colour.
    pub fn new(width: u32, height: u32, colour: [u8; 3]) -> Self {
        Self { width, height, pixels: vec![colour; width as usize * height as usize] }
    }

    /// A copy of a frame.
    pub fn from_frame(frame: &Frame) -> Self {
        let mut pixels = frame.rgb.as_chunks::<3>().0.to_vec();
        // Frames hold exactly as many; drawing relies on it.
        pixels.resize(frame.width as usize * frame.height as usize, [0; 3]);
        Self { width: frame.width, height: frame.height, pixels }
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// All rows from top to bottom, tightly packed.
    pub fn pixels(&self) -> &[[u8; 3]] {
        &self.pixels
    }

    /// All rows from top to bottom, tightly packed.
    pub fn pixels_mut(&mut self) -> &mut [[u8; 3]] {
        &mut self.pixels
    }

    /// One pixel; `None` outside of the picture.
    pub fn pixel_mut(&mut self, x: u32, y: u32) -> Option<&mut [u8; 3]> {
        let inside = x < self.width && y < self.height;
        let index = y as usize * self.width as usize + x as usize;
        if inside { self.pixels.get_mut(index) } else { None }
    }

    /// The pixels of column `x` from row `y0` up to but without `y1`, top to bottom.
    pub(crate) fn column_mut(&mut self, x: u32, y0: u32, y1: u32) -> impl Iterator<Item = &mut [u8; 3]> {
        let stride = self.width.max(1) as usize;
        let rows = y1.min(self.height).saturating_sub(y0) as usize;
        let rows = if x < self.width { rows } else { 0 };
        let first = y0 as usize * stride + x as usize;
        self.pixels.iter_mut().skip(first).step_by(stride).take(rows)
    }

    /// Lays `colour` over the pixels of a rectangle (edges, cut to the picture), `opacity` of 256 strong.
    pub(crate) fn tint(&mut self, [x0, y0, x1, y1]: [u32; 4], colour: [u8; 3], opacity: u16) {
        for x in x0..x1.min(self.width) {
            for pixel in self.column_mut(x, y0, y1) {
                blend(pixel, colour, opacity);
            }
        }
    }

    /// Copies a picture to a place; what would lie outside is cut off.
    pub(crate) fn paste(&mut self, left: u32, top: u32, other: &Self) {
        let columns = other.width.min(self.width.saturating_sub(left)) as usize;
        let target = self.pixels.chunks_exact_mut(self.width.max(1) as usize).skip(top as usize);
        for (to, from) in target.zip(other.pixels.chunks_exact(other.width.max(1) as usize)) {
            let to = to.iter_mut().skip(left as usize);
            for (to, from) in to.zip(from.iter().take(columns)) {
                *to = *from;
            }
        }
    }

    /// Writes the picture as a PNG file, under another name until it is complete.
    ///
    /// # Errors
    /// Where the file cannot be written; an older file of that name is then as it was.
    pub fn write_png(&self, path: &Path) -> Result<(), OutputError> {
        let bytes = png_file::encode_rgb(self).map_err(|source| OutputError::Png { path: path.to_owned(), source })?;
        png_file::write_whole(path, &bytes)
    }
}

/// Moves a pixel towards a colour, `opacity` of 256 of the way.
pub(crate) fn blend(pixel: &mut [u8; 3], colour: [u8; 3], opacity: u16) {
    for (channel, towards) in pixel.iter_mut().zip(colour) {
        let mixed = u32::from(*channel) * u32::from(256 - opacity) + u32::from(towards) * u32::from(opacity);
        *channel = (mixed >> 8) as u8;
    }
}

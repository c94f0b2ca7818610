//! COCO run lengths: how masks travel between the parts of `maskd` and out of it.

mod builder;
mod coco;
mod error;
mod json;
mod measure;
mod segments;

pub use builder::RleBuilder;
pub use error::RleError;
pub use segments::{Segment, Segments};

use crate::BinaryMask;

/// A mask as run lengths in COCO's order (column by column, the first run is background).
///
/// Runs alternate between background and mask and always sum to `width * height`. No run but the first is 0 (but for
/// masks of more than `u32::MAX` pixels, where one run does not fit its number), so equal masks compare equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rle {
    width: u32,
    height: u32,
    counts: Vec<u32>,
}

impl Rle {
    /// A mask with nothing in it.
    pub fn empty(width: u32, height: u32) -> Self {
        RleBuilder::new(width, height).finish_with_background()
    }

    /// The runs of a mask with one byte per pixel.
    pub fn encode(mask: &BinaryMask) -> Self {
        builder::encode_rows(mask.width(), mask.height(), mask.data())
    }

    /// The runs of a mask that is made one column at a time, without the whole mask ever being in memory.
    ///
    /// `fill(x, column)` is called once for every `x` from left to right and must write all `height` bytes; any byte but
    /// 0 counts as inside. (The buffer still holds the previous column when it is handed out.)
    pub fn from_columns(width: u32, height: u32, mut fill: impl FnMut(u32, &mut [u8])) -> Self {
        let mut builder = RleBuilder::new(width, height);
        let mut column = vec![0; height as usize];
        for x in 0..width {
            fill(x, &mut column);
            builder.push_column(&column);
        }
        builder.finish_with_background()
    }

    /// Takes run lengths as COCO's uncompressed `counts` has them. Runs of length 0 are joined away.
    ///
    /// # Errors
    /// Where the runs do not sum to `width * height`, or there are more than `width * height + 1` of them.
    pub fn from_counts(width: u32, height: u32, counts: Vec<u32>) -> Result<Self, RleError> {
        let pixels = u64::from(width) * u64::from(height);
        if counts.len() as u64 > pixels.saturating_add(1) {
            return Err(RleError::TooManyRuns { width, height });
        }
        let mut builder = RleBuilder::new(width, height);
        let mut inside = false;
        for &count in &counts {
            builder.push(inside, u64::from(count));
            inside = !inside;
        }
        builder.finish()
    }

    /// One byte per pixel.
    pub fn decode(&self) -> BinaryMask {
        let mut mask = BinaryMask::empty(self.width, self.height);
        let stride = self.width as usize;
        for segment in self.segments() {
            let first = segment.y0 as usize * stride + segment.x as usize;
            let rows = (segment.y1 - segment.y0) as usize;
            for pixel in mask.data_mut().iter_mut().skip(first).step_by(stride).take(rows) {
                *pixel = 1;
            }
        }
        mask
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The run lengths: background, mask, background, ...
    pub fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// Whether no pixel is inside.
    pub fn is_empty(&self) -> bool {
        self.area() == 0
    }
}

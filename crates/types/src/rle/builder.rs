use super::{Rle, RleError};

/// Makes an [`Rle`] run by run or column by column, in COCO's order (down each column, columns from left to right).
#[derive(Clone, Debug)]
pub struct RleBuilder {
    width: u32,
    height: u32,
    counts: Vec<u32>,
    /// Whether the run being counted is inside the mask.
    inside: bool,
    run: u64,
    total: u64,
}

impl RleBuilder {
    /// A builder for a mask of this size.
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height, counts: Vec::new(), inside: false, run: 0, total: 0 }
    }

    /// Adds `length` pixels that are all inside the mask or all outside.
    pub fn push(&mut self, inside: bool, length: u64) {
        if length == 0 {
            return;
        }
        if inside != self.inside {
            self.close_run();
            self.inside = inside;
        }
        // What does not fit is only counted, for the error: a hostile run must not become many.
        self.run += length.min(self.pixels().saturating_sub(self.total));
        self.total = self.total.saturating_add(length);
    }

    /// Adds one pixel per byte; any byte but 0 counts as inside.
    pub fn push_column(&mut self, mut pixels: &[u8]) {
        while let Some(&first) = pixels.first() {
            let inside = first != 0;
            let length = same_prefix(pixels, inside);
            self.push(inside, length as u64);
            pixels = pixels.get(length..).unwrap_or_default();
        }
    }

    /// The mask.
    ///
    /// # Errors
    /// [`RleError::Sum`] where the pixels pushed are not `width * height`.
    pub fn finish(mut self) -> Result<Rle, RleError> {
        let (width, height) = (self.width, self.height);
        if self.total != self.pixels() {
            return Err(RleError::Sum { width, height, found: self.total });
        }
        self.close_run();
        Ok(Rle { width, height, counts: self.counts })
    }

    /// The mask, whatever was not pushed being background. For callers that push at most `width * height` pixels.
    pub(super) fn finish_with_background(mut self) -> Rle {
        debug_assert!(self.total <= self.pixels());
        self.push(false, self.pixels().saturating_sub(self.total));
        self.close_run();
        Rle { width: self.width, height: self.height, counts: self.counts }
    }

    /// Pixels pushed so far.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    fn close_run(&mut self) {
        let mut rest = self.run;
        while rest > u64::from(u32::MAX) {
            self.counts.extend([u32::MAX, 0]);
            rest -= u64::from(u32::MAX);
        }
        self.counts.push(u32::try_from(rest).unwrap_or(u32::MAX));
        self.run = 0;
    }
}

/// How many pixels from the start are like the first; looks at eight at a time where bytes are plain 0 and 1.
fn same_prefix(pixels: &[u8], inside: bool) -> usize {
    let word = u64::from_ne_bytes([u8::from(inside); 8]);
    let (words, _) = pixels.as_chunks::<8>();
    let fast = 8 * words.iter().take_while(|bytes| u64::from_ne_bytes(**bytes) == word).count();
    let slow = pixels.iter().skip(fast).take_while(|&&byte| (byte != 0) == inside).count();
    fast + slow
}

/// Columns that are turned from rows at once: a cache line of bytes.
const STRIP: usize = 64;

pub(super) fn encode_rows(width: u32, height: u32, data: &[u8]) -> Rle {
    let mut builder = RleBuilder::new(width, height);
    let (stride, rows) = (width as usize, height as usize);
    if stride == 0 || rows == 0 {
        return builder.finish_with_background();
    }
    let mut strip = vec![0; STRIP * rows];
    for left in (0..stride).step_by(STRIP) {
        let columns = STRIP.min(stride - left);
        for (y, row) in data.chunks_exact(stride).enumerate() {
            let pixels = row.iter().skip(left).take(columns);
            for (target, pixel) in strip.iter_mut().skip(y).step_by(rows).zip(pixels) {
                *target = *pixel;
            }
        }
        strip.chunks_exact(rows).take(columns).for_each(|column| builder.push_column(column));
    }
    builder.finish_with_background()
}

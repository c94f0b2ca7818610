use super::Rle;

/// Pixels of a mask that lie below each other in one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The column.
    pub x: u32,
    /// The first row.
    pub y0: u32,
    /// One past the last row; larger than `y0`.
    pub y1: u32,
}

/// The vertical segments of a mask, see [`Rle::segments`].
#[derive(Clone, Debug)]
pub struct Segments<'a> {
    height: u64,
    counts: std::slice::Iter<'a, u32>,
    /// The pixels of the current run that were not handed out yet, as positions in COCO's order.
    run: std::ops::Range<u64>,
}

impl Rle {
    /// The mask as vertical segments, columns from left to right, each column from top to bottom.
    ///
    /// A run that goes on in the next column is handed out as one segment per column.
    pub fn segments(&self) -> Segments<'_> {
        Segments { height: u64::from(self.height), counts: self.counts.iter(), run: 0..0 }
    }
}

impl Iterator for Segments<'_> {
    type Item = Segment;

    // Positions are below `width * height`, and so columns and rows fit in 32 bits.
    fn next(&mut self) -> Option<Segment> {
        while self.run.is_empty() {
            let background = *self.counts.next()?;
            let inside = *self.counts.next()?;
            let start = self.run.end + u64::from(background);
            self.run = start..start + u64::from(inside);
        }
        let x = self.run.start / self.height;
        let column = x * self.height;
        let (start, end) = (self.run.start, self.run.end.min(column + self.height));
        self.run.start = end;
        Some(Segment { x: x as u32, y0: (start - column) as u32, y1: (end - column) as u32 })
    }
}

use super::Rle;

impl Rle {
    /// Pixels inside.
    pub fn area(&self) -> u64 {
        self.counts.iter().skip(1).step_by(2).copied().map(u64::from).sum()
    }

    /// Edges `[x0, y0, x1, y1]` of the smallest box around the mask, in pixels; `None` where nothing is inside.
    pub fn bbox(&self) -> Option<[u32; 4]> {
        let mut segments = self.segments();
        let first = segments.next()?;
        let start = [first.x, first.y0, first.x + 1, first.y1];
        Some(
            segments
                .fold(start, |[x0, y0, _, y1], segment| [x0, y0.min(segment.y0), segment.x + 1, y1.max(segment.y1)]),
        )
    }

    /// Mean `[x, y]` of the centres of the pixels inside; `None` where nothing is inside.
    pub fn centroid(&self) -> Option<[f32; 2]> {
        let (mut area, mut twice_x, mut twice_y) = (0_u64, 0_u128, 0_u128);
        for segment in self.segments() {
            let rows = u64::from(segment.y1 - segment.y0);
            area += rows;
            twice_x += u128::from(rows) * u128::from(2 * u64::from(segment.x) + 1);
            twice_y += u128::from(rows) * (u128::from(segment.y0) + u128::from(segment.y1));
        }
        let mean = |twice: u128| (twice as f64 / (2 * area) as f64) as f32;
        (area > 0).then(|| [mean(twice_x), mean(twice_y)])
    }

    /// Pixels inside both masks; 0 where their sizes differ.
    pub fn intersection(&self, other: &Self) -> u64 {
        if (self.width, self.height) != (other.width, other.height) {
            return 0;
        }
        let (mut a, mut b) = (Cursor::new(&self.counts), Cursor::new(&other.counts));
        let mut shared = 0;
        while let (Some(left), Some(right)) = (a.remaining(), b.remaining()) {
            let step = left.min(right);
            if a.inside && b.inside {
                shared += u64::from(step);
            }
            a.advance(step);
            b.advance(step);
        }
        shared
    }

    /// Intersection over union, 0 to 1. Two empty masks agree (1); masks of different sizes have nothing in common (0).
    pub fn iou(&self, other: &Self) -> f64 {
        if (self.width, self.height) != (other.width, other.height) {
            return 0.0;
        }
        let shared = self.intersection(other);
        let union = self.area() + other.area() - shared;
        if union == 0 { 1.0 } else { shared as f64 / union as f64 }
    }
}

/// A place in a list of runs.
struct Cursor<'a> {
    counts: std::slice::Iter<'a, u32>,
    left: u32,
    inside: bool,
}

impl<'a> Cursor<'a> {
    fn new(counts: &'a [u32]) -> Self {
        let mut counts = counts.iter();
        let left = counts.next().copied().unwrap_or(0);
        Self { counts, left, inside: false }
    }

    /// Pixels left in the current run, after stepping over finished ones; `None` at the end.
    fn remaining(&mut self) -> Option<u32> {
        while self.left == 0 {
            self.left = *self.counts.next()?;
            self.inside = !self.inside;
        }
        Some(self.left)
    }

    fn advance(&mut self, pixels: u32) {
        self.left -= pixels;
    }
}

//! Cutting maps into windows and putting them together again.

use std::ops::Range;

use super::buffer::{build, rows_per_block};
use super::rows::Rows;

/// Where the pixels of a padded, windowed map lie.
#[derive(Clone, Copy, Debug)]
pub struct Windows {
    /// Side of a window.
    pub size: usize,
    /// Height and width of the map.
    pub hw: [usize; 2],
}

impl Windows {
    /// Windows below and beside each other.
    pub fn grid(self) -> [usize; 2] {
        self.hw.map(|side| side.div_ceil(self.size))
    }

    /// Whether no window reaches beyond the map.
    pub fn fit(self) -> bool {
        self.hw.iter().all(|side| side.is_multiple_of(self.size))
    }

    /// Row and column of the first pixel of a window in its map, and the number of that map.
    fn corner(self, window: usize) -> ([usize; 2], usize) {
        let [rows, columns] = self.grid();
        let (map, window) = (window / (rows * columns), window % (rows * columns));
        ([window / columns * self.size, window % columns * self.size], map)
    }

    /// Height and width of that part of a window that lies inside the map.
    pub fn inside(self, window: usize) -> [usize; 2] {
        let ([top, left], _) = self.corner(window);
        let [h, w] = self.hw;
        [self.size.min(h - top), self.size.min(w - left)]
    }

    /// Copies the pixels of some windows that lie inside their map, without gaps; gives their number.
    pub fn copy_inside(self, x: &Rows, windows: Range<usize>, out: &mut [f32]) -> usize {
        let [h, w] = self.hw;
        let mut free = out.chunks_exact_mut(x.len());
        let mut count = 0;
        for window in windows {
            let ([top, left], map) = self.corner(window);
            let [height, width] = self.inside(window);
            for y in top..top + height {
                let first = (map * h + y) * w + left;
                (first..first + width).zip(&mut free).for_each(|(pixel, out)| out.copy_from_slice(x.row(pixel)));
            }
            count += height * width;
        }
        count
    }

    /// Number of the pixel, among all pixels of all maps, shown at position `index` of the windows;
    /// `None` in the padding.
    fn source(self, index: usize) -> Option<usize> {
        let Self { size, hw: [h, w] } = self;
        let (window, inside) = (index / (size * size), index % (size * size));
        let ([top, left], map) = self.corner(window);
        let (y, x) = (top + inside / size, left + inside % size);
        (y < h && x < w).then(|| (map * h + y) * w + x)
    }

    /// Inverse of [`source`](Self::source): where pixel `index` of the maps is in the windows.
    fn target(self, index: usize) -> usize {
        let Self { size, hw: [h, w] } = self;
        let [rows, columns] = self.grid();
        let (map, y, x) = (index / (h * w), index / w % h, index % w);
        let window = (map * rows + y / size) * columns + x / size;
        (window * size + y % size) * size + x % size
    }
}

/// Copies pixels of windows from pixel `first` of the maps on, until `out` is full.
pub fn copy_pixels(x: &Rows, windows: Windows, first: usize, out: &mut [f32]) {
    for (i, pixel) in out.chunks_exact_mut(x.len()).enumerate() {
        pixel.copy_from_slice(x.row(windows.target(first + i)));
    }
}

/// Pixels of `maps` in window order; the padding is zero.
pub fn partition(x: &Rows, windows: Windows, maps: usize) -> Vec<f32> {
    let [rows, columns] = windows.grid();
    let pixels = maps * rows * columns * windows.size * windows.size;
    let step = rows_per_block(x.len());
    build(pixels * x.len(), step * x.len(), |block, out| {
        for (i, pixel) in out.chunks_exact_mut(x.len()).enumerate() {
            // The padding is zero already.
            if let Some(source) = windows.source(block * step + i) {
                pixel.copy_from_slice(x.row(source));
            }
        }
    })
}

/// Pixels of the windows in map order, without the padding.
pub fn unpartition(x: &Rows, windows: Windows, maps: usize) -> Vec<f32> {
    let [h, w] = windows.hw;
    let step = rows_per_block(x.len());
    build(maps * h * w * x.len(), step * x.len(), |block, out| {
        copy_pixels(x, windows, block * step, out);
    })
}

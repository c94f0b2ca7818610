//! Cutting maps into windows and putting them together again.

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

    /// Number of the pixel, among all pixels of all maps, shown at position `index` of the windows;
    /// `None` in the padding.
    fn source(self, index: usize) -> Option<usize> {
        let Self { size, hw: [h, w] } = self;
        let [rows, columns] = self.grid();
        let (window, inside) = (index / (size * size), index % (size * size));
        let (map, window) = (window / (rows * columns), window % (rows * columns));
        let y = window / columns * size + inside / size;
        let x = window % columns * size + inside % size;
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

/// Copies pixels of maps from position `first` of the windows on, until `out` is full; what is padding stays as it is.
pub fn copy_windows(x: &Rows, windows: Windows, first: usize, out: &mut [f32]) {
    for (i, pixel) in out.chunks_exact_mut(x.len()).enumerate() {
        if let Some(source) = windows.source(first + i) {
            pixel.copy_from_slice(x.row(source));
        }
    }
}

/// Zeros where windows reach beyond the map, from position `first` of them on; a pixel has `channels` floats.
pub fn clear_beyond(windows: Windows, first: usize, out: &mut [f32], channels: usize) {
    if windows.hw.iter().all(|side| side.is_multiple_of(windows.size)) {
        return;
    }
    for (i, pixel) in out.chunks_exact_mut(channels).enumerate() {
        if windows.source(first + i).is_none() {
            pixel.fill(0.0);
        }
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
        // The padding is zero already.
        copy_windows(x, windows, block * step, out);
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

//! The right factor of products.

use super::{COLUMNS, Left, words};
use crate::kernels::cpu::matrix::Target;

/// A packed matrix, or a part of one.
#[derive(Clone, Copy, Debug)]
pub struct Panels<'a> {
    words: &'a [u32],
    /// Words from one panel to the next.
    pitch: usize,
    /// First word of each column, and how many there are.
    depth: [usize; 2],
    /// Columns.
    columns: usize,
}

impl<'a> Panels<'a> {
    /// Sees packed words as a matrix of `size` rows and columns.
    pub fn new(packed: &'a [u32], [rows, columns]: [usize; 2]) -> Self {
        let depth = words(rows);
        Self { words: packed, pitch: depth * COLUMNS, depth: [0, depth], columns }
    }

    /// Words that a matrix of `size` rows and columns takes.
    pub fn words([rows, columns]: [usize; 2]) -> usize {
        words(rows) * columns.next_multiple_of(COLUMNS)
    }

    /// Columns of it all.
    pub fn width(&self) -> usize {
        self.columns
    }

    /// Columns `first .. first + count`; `first` is a multiple of 32.
    pub fn columns(self, first: usize, count: usize) -> Self {
        Self { words: &self.words[first / COLUMNS * self.pitch..], columns: count, ..self }
    }

    /// Rows `first .. first + count`; `first` is even.
    pub fn rows(self, first: usize, count: usize) -> Self {
        let start = self.depth[0] + words(first);
        Self { depth: [start, words(count)], ..self }
    }

    fn panel(&self, index: usize) -> &'a [u32] {
        let [start, depth] = self.depth;
        &self.words[index * self.pitch + start * COLUMNS..][..depth * COLUMNS]
    }

    /// Writes `left` times this to `out`, whose rows are `out_stride` floats apart, on this thread.
    #[cfg(target_arch = "x86_64")]
    pub fn multiply(self, left: Left, out: &mut [f32], out_stride: usize, target: Target) {
        use super::kernel::{ROWS, Tile};

        for (index, column) in (0..self.columns).step_by(COLUMNS).enumerate() {
            for row in (0..left.rows).step_by(ROWS) {
                let tile = Tile {
                    left: &left.words[row * left.stride..],
                    stride: left.stride,
                    rows: ROWS.min(left.rows - row),
                    panel: self.panel(index),
                    columns: COLUMNS.min(self.columns - column),
                    add: target == Target::Accumulate,
                };
                tile.multiply(&mut out[row * out_stride + column..], out_stride);
            }
        }
    }

    /// Nothing is ever packed on these processors.
    #[cfg(not(target_arch = "x86_64"))]
    pub fn multiply(self, _: Left, _: &mut [f32], _: usize, _: Target) {
        unreachable!("`are_known` is false here")
    }
}

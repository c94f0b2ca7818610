//! Bringing right factors into panels.

use half::bf16;
use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::left::{narrow, round};
use super::{COLUMNS, Panels, words};
use crate::kernels::cpu::matrix::Matrix;
use crate::kernels::cpu::vector::dispatch;

/// Words of a column that are moved at a time where columns are contiguous: with 32 columns, half of a first-level cache.
const CHUNK: usize = 128;

/// Where values come from.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// Any matrix of f32 whose rows or whose columns are contiguous.
    Singles(Matrix<'a>),
    /// Rows of bfloat16 without gaps, and their number and length.
    Halves(&'a [bf16], [usize; 2]),
}

impl Source<'_> {
    /// Rows and columns.
    pub fn size(&self) -> [usize; 2] {
        match self {
            Self::Singles(matrix) => matrix.size,
            Self::Halves(_, size) => *size,
        }
    }
}

/// Packs on all threads.
pub fn pack(source: Source) -> Vec<u32> {
    let mut packed = vec![0; Panels::words(source.size())];
    let panel = words(source.size()[0]) * COLUMNS;
    packed.par_chunks_mut(panel.max(1)).enumerate().for_each(|(index, panel)| fill(panel, source, index * COLUMNS));
    packed
}

/// Packs on this thread into as many words as [`Panels::words`] says, of whatever content.
pub fn pack_into(packed: &mut [u32], source: Source) {
    let panel = words(source.size()[0]) * COLUMNS;
    for (index, panel) in packed.chunks_mut(panel.max(1)).enumerate() {
        fill(panel, source, index * COLUMNS);
    }
}

/// Fills the panel whose first column is `first`.
fn fill(panel: &mut [u32], source: Source, first: usize) {
    let count = COLUMNS.min(source.size()[1] - first);
    if count < COLUMNS {
        panel.fill(0);
    }
    let pairs = panel.chunks_exact_mut(COLUMNS).enumerate();
    match source {
        Source::Singles(matrix) if matrix.strides[1] != 1 => {
            (0..count).for_each(|column| spread(panel, column, matrix.column(first + column)));
        }
        Source::Singles(matrix) => {
            let rows = matrix.size[0];
            let row = |row: usize| if row < rows { &matrix.row(row)[first..first + count] } else { &[] };
            pairs.for_each(|(pair, out)| {
                dispatch(Join { upper: row(2 * pair), lower: row(2 * pair + 1), out: &mut out[..count] });
            });
        }
        Source::Halves(values, [rows, columns]) => {
            let row = |row: usize| if row < rows { &values[row * columns + first..][..count] } else { &[] };
            pairs.for_each(|(pair, out)| {
                dispatch(Join { upper: row(2 * pair), lower: row(2 * pair + 1), out: &mut out[..count] });
            });
        }
    }
}

/// Puts a contiguous column into a panel.
fn spread(panel: &mut [u32], column: usize, values: &[f32]) {
    let mut chunk = [0; CHUNK];
    for (part, out) in values.chunks(2 * CHUNK).zip(panel.chunks_mut(CHUNK * COLUMNS)) {
        let chunk = &mut chunk[..words(part.len())];
        narrow(part, 1.0, chunk);
        for (word, out) in chunk.iter().zip(out.iter_mut().skip(column).step_by(COLUMNS)) {
            *out = *word;
        }
    }
}

/// Makes one row of pairs of two rows of numbers; the second may be missing.
struct Join<'a, T> {
    upper: &'a [T],
    lower: &'a [T],
    out: &'a mut [u32],
}

impl<T: Half> WithSimd for Join<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        if self.lower.is_empty() {
            return self.out.iter_mut().zip(self.upper).for_each(|(out, upper)| *out = upper.bits().into());
        }
        for ((out, upper), lower) in self.out.iter_mut().zip(self.upper).zip(self.lower) {
            *out = u32::from(upper.bits()) | u32::from(lower.bits()) << 16;
        }
    }
}

/// What becomes half of a word.
trait Half: Copy {
    fn bits(self) -> u16;
}

impl Half for f32 {
    #[inline(always)]
    fn bits(self) -> u16 {
        round(self)
    }
}

impl Half for bf16 {
    #[inline(always)]
    fn bits(self) -> u16 {
        self.to_bits()
    }
}

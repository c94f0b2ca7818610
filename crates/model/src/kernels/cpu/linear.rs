//! Products with a weight matrix, and what is done with their results while they are in the cache.

use rayon::prelude::*;

use super::buffer::{build, with_scratch};
use super::gelu::gelu_in_place;
use super::matrix::{Matrix, Target};
use super::product::Right;
use super::repeat::add_repeated;
use super::rows::Rows;
use super::windows::{Windows, copy_pixels};
use crate::kernels::Curve;

/// Most rows of one task: few enough that they and their results stay in a second-level cache.
pub const ROWS: usize = 192;

/// Rows that are not worth another task: the weights of a layer come by once for each.
const FEW: usize = 32;

/// Rows that products take at a time.
const TILE: usize = 6;

/// Copies `row` into every row of `out`; rows are `stride` floats apart.
pub fn repeat_row(out: &mut [f32], stride: usize, row: &[f32]) {
    for target in out.chunks_mut(stride) {
        target[..row.len()].copy_from_slice(row);
    }
}

/// A weight matrix and a bias.
#[derive(Clone, Copy)]
pub struct Projection<'a> {
    /// The right factor.
    pub weight: Right<'a>,
    /// Added to each row.
    pub bias: Option<&'a [f32]>,
}

impl Projection<'_> {
    /// Floats of memory that [`write`](Self::write) needs for a left factor of `rows` rows of `depth` values.
    pub fn memory(&self, rows: usize, depth: usize) -> usize {
        self.weight.factors().memory(rows, depth)
    }

    /// Fills `out` with `left * weight + bias`, on this thread.
    pub fn write(&self, left: Matrix, out: &mut [f32], memory: &mut [f32]) {
        self.write_apart(left, out, self.weight.width(), memory);
    }

    /// Writes `left * weight + bias` to rows that are `stride` floats apart.
    pub fn write_apart(&self, left: Matrix, out: &mut [f32], stride: usize, memory: &mut [f32]) {
        let target = self.bias.map_or(Target::Overwrite, |bias| {
            repeat_row(out, stride, bias);
            Target::Accumulate
        });
        self.weight.multiply(left, out, stride, target, memory);
    }
}

/// Applies a curve.
pub fn bend(curve: Curve, out: &mut [f32]) {
    match curve {
        Curve::Straight => {}
        Curve::Gelu => gelu_in_place(out),
        // Written so that NaN stays NaN, which `f32::max` would drop.
        Curve::Relu => out.iter_mut().for_each(|value| *value = if *value < 0.0 { 0.0 } else { *value }),
    }
}

/// `curve(x * weight + bias)`, row by row.
pub struct Layer<'a> {
    /// The left factor.
    pub x: Rows<'a>,
    /// Where `x` holds the windows of a map, whose pixels are the rows of the result.
    pub windows: Option<Windows>,
    /// Weight and bias.
    pub projection: Projection<'a>,
    /// Applied to each value; only without a summand.
    pub curve: Curve,
}

impl Layer<'_> {
    /// The result, of `rows` rows.
    pub fn result(&self, rows: usize) -> Vec<f32> {
        let (step, columns) = (rows_of_task(rows, ROWS), self.projection.weight.width());
        build(rows * columns, step * columns, |index, out| {
            with_scratch(self.memory(out.len() / columns), |memory| self.multiply(index * step, out, memory));
            bend(self.curve, out);
        })
    }

    /// The result plus the rows of `before`.
    pub fn added_to(&self, before: &Rows) -> Vec<f32> {
        let (step, columns) = (rows_of_task(before.count(), ROWS), self.projection.weight.width());
        build(before.count() * columns, step * columns, |index, out| {
            before.copy_from(index * step, out);
            self.add(index * step, out);
        })
    }

    /// Adds the result to what is there.
    pub fn add_to(&self, out: &mut [f32]) {
        let columns = self.projection.weight.width().max(1);
        let step = rows_of_task(out.len() / columns, ROWS);
        out.par_chunks_mut(step.max(1) * columns).enumerate().for_each(|(index, out)| self.add(index * step, out));
    }

    fn add(&self, first: usize, out: &mut [f32]) {
        with_scratch(self.memory_to_add(out.len() / self.projection.weight.width()), |memory| {
            self.add_from(first, out, memory);
        });
    }

    /// Floats of memory that [`add_from`](Self::add_from) needs for so many rows.
    pub fn memory_to_add(&self, rows: usize) -> usize {
        rows * self.projection.weight.width() + self.memory(rows)
    }

    /// Adds the rows of the result from `first` on to those of `out`, on this thread.
    ///
    /// The product is finished before it is added: adding its terms one after the other to what may be much larger would round each.
    pub fn add_from(&self, first: usize, out: &mut [f32], memory: &mut [f32]) {
        let (product, memory) = memory.split_at_mut(out.len());
        self.multiply(first, product, &mut memory[..self.memory(out.len() / self.projection.weight.width())]);
        add_repeated(out, product, 0);
    }

    /// Floats of memory that [`multiply`](Self::multiply) needs for so many rows: for narrowed rows, and for rows that have to be gathered.
    fn memory(&self, rows: usize) -> usize {
        let copied = if self.direct().is_some() { 0 } else { rows * self.x.len() };
        self.projection.memory(rows, self.x.len()) + copied
    }

    /// The left factor, if it can be multiplied where it is.
    fn direct(&self) -> Option<Matrix<'_>> {
        self.windows.is_none().then(|| self.x.matrix()).flatten()
    }

    /// Writes the product of the rows from `first` on, with the bias, until `out` is full.
    fn multiply(&self, first: usize, out: &mut [f32], memory: &mut [f32]) {
        let (rows, depth) = (out.len() / self.projection.weight.width(), self.x.len());
        let (narrow, copy) = memory.split_at_mut(self.projection.memory(rows, depth));
        let left = match self.direct() {
            Some(matrix) => matrix.rows(first, rows),
            None => self.gathered(first, copy),
        };
        self.projection.write(left, out, narrow);
    }

    /// Rows from `first` on, copied until `out` is full.
    fn gathered<'a>(&self, first: usize, out: &'a mut [f32]) -> Matrix<'a> {
        let depth = self.x.len();
        match self.windows {
            None => self.x.copy_from(first, out),
            Some(windows) => copy_pixels(&self.x, windows, first, out),
        }
        Matrix::dense(out, [out.len() / depth.max(1), depth])
    }
}

/// Rows of a task, at most `most`: as many tasks as give every thread an equal share.
///
/// One task for each thread would have them wait for the one that something else has held up.
pub fn rows_of_task(rows: usize, most: usize) -> usize {
    let threads = rayon::current_num_threads();
    let each = if rows < 2 * threads * FEW { 1 } else { rows.div_ceil(threads * most).max(2) };
    rows.div_ceil(threads * each).next_multiple_of(TILE).min(most)
}

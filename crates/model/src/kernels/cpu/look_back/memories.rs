//! Memories of an object, those of one place side by side.

use super::LookBack;
use super::places::{COLUMNS, MAPS};
use crate::kernels::cpu::buffer::build;
use crate::kernels::cpu::matrix::Matrix;
use std::ops::Range;

/// What an object remembers.
pub struct Object<'a> {
    /// All maps, some at a time.
    pub maps: Vec<Maps>,
    /// Tokens without a place, by channels, with positions added.
    pub located: Matrix<'a>,
    /// The same as they are.
    pub values: Matrix<'a>,
}

impl<'a> Object<'a> {
    pub fn new(look: &LookBack<'a>, object: usize) -> Self {
        let (located, values) = (look.located.head(object, 0), look.values.head(object, 0));
        let (side, count) = (look.side(), look.maps());
        let step = count.div_ceil(count.div_ceil(MAPS).max(1)).max(1);
        let some = |first: usize| Maps::new(first..count.min(first + step), side, located, values);
        let rest = |tokens: Matrix<'a>| tokens.rows(count * side * side, look.placeless);
        Self { maps: (0..count).step_by(step).map(some).collect(), located: rest(located), values: rest(values) }
    }
}

/// Some maps, in strips of at most [`COLUMNS`] columns, row by row.
pub struct Maps {
    /// How many, 1 to [`MAPS`].
    count: usize,
    /// Cells along a side.
    side: usize,
    /// For each cell, for each channel, the values of all maps with positions added.
    located: Vec<f32>,
    /// For each row of a strip, for each channel, the values of all cells and maps as they are.
    values: Vec<f32>,
}

/// Neighbouring cells of a row.
pub struct Cells<'a> {
    /// How many maps there are.
    pub maps: usize,
    /// For each cell, for each channel, the values of all maps with positions added.
    pub located: &'a [f32],
    /// For each channel, the values of all cells and maps as they are.
    pub values: &'a [f32],
}

impl<'a> Cells<'a> {
    /// Values, a row for each cell and map, a column for each of `width` channels.
    pub fn matrix(&self, width: usize) -> Matrix<'a> {
        Matrix::dense(self.values, [width, self.values.len() / width]).transposed()
    }
}

impl Maps {
    fn new(maps: Range<usize>, side: usize, located: Matrix, values: Matrix) -> Self {
        let (width, count) = (values.size[1], maps.len());
        let strip = side * COLUMNS * count * width;
        let each = |fill: &(dyn Fn(Strip, &mut [f32]) + Sync)| {
            build(side * side * count * width, strip, |index, out| {
                let first = index * COLUMNS;
                let columns = COLUMNS.min(side - first);
                for (y, out) in out.chunks_exact_mut(columns * count * width).enumerate() {
                    fill(Strip { cells: y * side + first..y * side + first + columns, maps: maps.clone(), side }, out);
                }
            })
        };
        Self {
            count,
            side,
            located: each(&|strip, out| {
                for (cell, out) in strip.cells.clone().zip(out.chunks_exact_mut(count * width)) {
                    for map in 0..count {
                        spread(strip.row(located, cell, map), &mut out[map..], count);
                    }
                }
            }),
            values: each(&|strip, out| {
                let keys = strip.cells.len() * count;
                for (i, cell) in strip.cells.clone().enumerate() {
                    for map in 0..count {
                        spread(strip.row(values, cell, map), &mut out[i * count + map..], keys);
                    }
                }
            }),
        }
    }

    /// Those of the columns from `first` on that are in one strip, in row `y`; `first` is a multiple of [`COLUMNS`].
    pub fn cells(&self, first: usize, y: usize) -> Cells<'_> {
        let columns = COLUMNS.min(self.side - first);
        let width = self.values.len() / (self.side * self.side * self.count);
        let start = (first * self.side + y * columns) * self.count * width;
        let part = start..start + columns * self.count * width;
        Cells { maps: self.count, located: &self.located[part.clone()], values: &self.values[part] }
    }
}

/// A row of a strip.
struct Strip {
    cells: Range<usize>,
    maps: Range<usize>,
    side: usize,
}

impl Strip {
    fn row<'a>(&self, tokens: Matrix<'a>, cell: usize, map: usize) -> &'a [f32] {
        tokens.row((self.maps.start + map) * self.side * self.side + cell)
    }
}

/// Writes values `step` floats apart.
fn spread(values: &[f32], out: &mut [f32], step: usize) {
    for (out, value) in out.iter_mut().step_by(step).zip(values) {
        *out = *value;
    }
}

//! The projection of keys, turned for every column and for every row.

use super::LookBack;
use crate::kernels::cpu::buffer::build;
use crate::kernels::cpu::matrix::Matrix;

/// For each column, and for each row, the projection of those channels that turn with it: a row for each channel of memories
/// and one for the bias, a column for each channel of queries.
pub struct Turned {
    columns: Vec<f32>,
    rows: Vec<f32>,
    /// Rows of a projection, and its columns.
    size: [usize; 2],
}

impl Turned {
    pub fn new(look: &LookBack, side: usize) -> Self {
        let width = look.weight.size[0];
        let half = look.bias.len() / 2;
        let size = [width + 1, half];
        let one = |place: usize, channels: usize, out: &mut [f32]| {
            let angles = place * half + channels..place * half + channels + half / 2;
            let (cos, sin) = (&look.cos[angles.clone()], &look.sin[angles]);
            for (input, out) in out.chunks_exact_mut(half).enumerate() {
                let from = if input < width { look.weight.row(input) } else { look.bias };
                let (a, b) = (&from[channels..][..half / 2], &from[half + channels..][..half / 2]);
                turn([a, b], [cos, sin], out);
            }
        };
        let each = size[0] * half;
        Self {
            columns: build(side * each, each, |x, out| one(x, 0, out)),
            rows: build(side * each, each, |y, out| one(y * side, half / 2, out)),
            size,
        }
    }

    /// Rows of one projection: channels of memories and one more.
    pub fn rows_of_one(&self) -> usize {
        self.size[0]
    }

    /// Channels of queries that turn with columns, and as many that turn with rows.
    pub fn channels(&self) -> usize {
        self.size[1]
    }

    /// The projections of `count` columns from `first` on, one under the other.
    pub fn for_columns(&self, first: usize, count: usize) -> Matrix<'_> {
        let [rows, columns] = self.size;
        Matrix::dense(&self.columns, [self.columns.len() / columns, columns]).rows(first * rows, count * rows)
    }

    /// The projections of all rows, one under the other.
    pub fn for_rows(&self) -> Matrix<'_> {
        Matrix::dense(&self.rows, [self.rows.len() / self.size[1], self.size[1]])
    }
}

/// Turns a projection the way that queries would have to be turned back.
fn turn([a, b]: [&[f32]; 2], [cos, sin]: [&[f32]; 2], out: &mut [f32]) {
    let (first, second) = out.split_at_mut(a.len());
    for (i, (first, second)) in first.iter_mut().zip(second).enumerate() {
        *first = a[i] * cos[i] - b[i] * sin[i];
        *second = a[i] * sin[i] + b[i] * cos[i];
    }
}

//! Products with a weight matrix.

use super::buffer::build;
use super::matrix::{Matrix, Target, multiply};

/// Rows of one task: enough to make up for every task packing the weight for itself.
const ROWS: usize = 256;

/// Copies `row` into every row of `out`.
pub fn repeat_row(out: &mut [f32], row: &[f32]) {
    for target in out.chunks_exact_mut(row.len()) {
        target.copy_from_slice(row);
    }
}

/// `x * weight + bias`, row-major.
pub fn linear(x: Matrix, weight: Matrix, bias: Option<&[f32]>) -> Vec<f32> {
    let rows = x.size[0];
    let columns = weight.size[1];
    let step = rows.div_ceil(2 * rayon::current_num_threads()).next_multiple_of(16).min(ROWS);
    build(rows * columns, step * columns, |index, out| {
        let target = bias.map_or(Target::Overwrite, |bias| {
            repeat_row(out, bias);
            Target::Accumulate
        });
        let x = x.rows(index * step, out.len() / columns);
        multiply(out, columns, target, 1.0, x, weight);
    })
}

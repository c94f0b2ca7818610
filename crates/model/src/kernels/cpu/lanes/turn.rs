//! Queries into lanes, and what they have mixed out of them.

use super::{Running, WIDTH};
use crate::kernels::cpu::matrix::Matrix;

/// Writes the rows of `q`, times `scale`, into lanes; lanes without a query get zeros.
pub fn turn(q: Matrix, scale: f32, panel: &mut [f32]) {
    let (panel, _) = panel.as_chunks_mut::<WIDTH>();
    if q.size[0] < WIDTH {
        panel.iter_mut().for_each(|row| row.fill(0.0));
    }
    for lane in 0..q.size[0] {
        for (row, value) in panel.iter_mut().zip(q.row(lane)) {
            row[lane] = value * scale;
        }
    }
}

/// Writes mixtures, a row for each channel, divided by their sums of weights to the first rows of `out`, which are `stride` floats apart.
pub fn finish(mixed: &[f32], running: &Running, lanes: usize, out: &mut [f32], stride: usize) {
    let (mixed, _) = mixed.as_chunks::<WIDTH>();
    for (lane, row) in out.chunks_mut(stride).take(lanes).enumerate() {
        let factor = 1.0 / running.sums[lane];
        for (value, row) in row.iter_mut().zip(mixed) {
            *value = row[lane] * factor;
        }
    }
}

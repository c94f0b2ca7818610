//! Layer normalisation of rows.

use super::vector::{dispatch, multiply_add, sum_of};
use pulp::{Simd, WithSimd};

/// Scale, shift and guard of a normalisation.
#[derive(Clone, Copy)]
pub struct Affine<'a> {
    /// One factor for each column.
    pub weight: &'a [f32],
    /// One summand for each column.
    pub bias: &'a [f32],
    /// Added to the variance.
    pub eps: f32,
}

struct LayerNorm<'a> {
    rows: &'a mut [f32],
    affine: Affine<'a>,
}

impl WithSimd for LayerNorm<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for row in self.rows.chunks_exact_mut(self.affine.weight.len()) {
            normalise::<S>(row, self.affine);
        }
    }
}

/// The row stays in the first-level cache, so two passes for the variance cost little and lose no digits.
#[inline(always)]
fn normalise<S: Simd>(row: &mut [f32], affine: Affine) {
    let count = row.len() as f32;
    let mean = sum_of(row, |x| x) / count;
    let variance = sum_of(row, |x| (x - mean) * (x - mean)) / count;
    let scale = 1.0 / (variance + affine.eps).sqrt();
    for ((x, &weight), &bias) in row.iter_mut().zip(affine.weight).zip(affine.bias) {
        *x = multiply_add::<S>((*x - mean) * scale, weight, bias);
    }
}

/// Normalises each row of `rows`, as long as `affine.weight`, in place.
pub fn layer_norm_in_place(rows: &mut [f32], affine: Affine) {
    dispatch(LayerNorm { rows, affine });
}

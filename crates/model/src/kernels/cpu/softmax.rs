//! The softmax of attention, a block of scores at a time.

use super::vector::{exp2, maximum, sum_of};
use pulp::{Simd, WithSimd};

/// Turns scores into weights and updates the state of every query.
pub struct Weigh<'a> {
    /// Scores in, weights out: a row for each query.
    pub scores: &'a mut [f32],
    /// The largest score of each query so far.
    pub largest: &'a mut [f32],
    /// The sum of weights of each query so far.
    pub sums: &'a mut [f32],
    /// Results, a row for each query.
    pub out: &'a mut [f32],
    /// Floats between rows of `out`.
    pub stride: usize,
    /// Floats in a row of `out`.
    pub width: usize,
}

impl WithSimd for Weigh<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let count = self.scores.len() / self.largest.len();
        let rows = self.scores.chunks_exact_mut(count);
        let state = self.largest.iter_mut().zip(self.sums);
        for ((row, (largest, sum)), out) in rows.zip(state).zip(self.out.chunks_mut(self.stride)) {
            let reached = larger(*largest, maximum(row));
            let shrink = exp2::<S>(*largest - reached);
            if *largest != reached {
                out[..self.width].iter_mut().for_each(|value| *value *= shrink);
            }
            *sum = *sum * shrink + weigh::<S>(row, reached);
            *largest = reached;
        }
    }
}

#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}

/// Replaces scores by `2^(score - largest)` and returns their sum.
#[inline(always)]
fn weigh<S: Simd>(scores: &mut [f32], largest: f32) -> f32 {
    for score in scores.iter_mut() {
        *score = exp2::<S>(*score - largest);
    }
    sum_of(scores, |weight| weight)
}

/// Divides every row by its sum of weights.
pub struct Divide<'a> {
    /// Results, a row for each query.
    pub out: &'a mut [f32],
    /// Floats between rows of `out`.
    pub stride: usize,
    /// Floats in a row of `out`.
    pub width: usize,
    /// The sum of weights of each query.
    pub sums: &'a [f32],
}

impl WithSimd for Divide<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (row, &sum) in self.out.chunks_mut(self.stride).zip(self.sums) {
            let factor = 1.0 / sum;
            row[..self.width].iter_mut().for_each(|value| *value *= factor);
        }
    }
}

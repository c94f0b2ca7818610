//! The softmax over panels of scores.

use pulp::{Simd, WithSimd};

use super::WIDTH;
use crate::kernels::cpu::vector::exp2;

/// What is known of each query after some blocks of keys.
#[derive(Clone, Copy, Debug)]
pub struct Running {
    /// The largest score.
    pub largest: [f32; WIDTH],
    /// The sum of weights.
    pub sums: [f32; WIDTH],
}

impl Running {
    /// Before the first key.
    pub fn new() -> Self {
        Self { largest: [f32::NEG_INFINITY; WIDTH], sums: [0.0; WIDTH] }
    }
}

/// Turns scores into weights, updates the state of every query, and scales what has been mixed down where a larger score appeared.
pub struct Weigh<'a> {
    /// Scores in, weights out: a row for each key.
    pub scores: &'a mut [f32],
    /// The state.
    pub running: &'a mut Running,
    /// Mixtures so far, a row for each channel.
    pub mixed: &'a mut [f32],
    /// How many lanes matter.
    pub lanes: usize,
}

impl WithSimd for Weigh<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (scores, _) = self.scores.as_chunks_mut::<WIDTH>();
        let reached = largest(simd, scores, self.running.largest, self.lanes.div_ceil(S::F32_LANES));
        if reached != self.running.largest {
            let mut shrink = self.running.largest;
            for (shrink, reached) in shrink.iter_mut().zip(reached) {
                // Exactly one, and not what is nearly, so that queries do not depend on their neighbours.
                *shrink = if *shrink == reached { 1.0 } else { exp2::<S>(*shrink - reached) };
            }
            let (mixed, _) = self.mixed.as_chunks_mut::<WIDTH>();
            for row in mixed {
                multiply(simd, row, &shrink);
            }
            multiply(simd, &mut self.running.sums, &shrink);
            self.running.largest = reached;
        }
        add_weights(simd, scores, &reached, &mut self.running.sums, self.lanes.div_ceil(S::F32_LANES));
    }
}

/// Written out in registers: left to itself the compiler takes the rows as lanes, and gathers.
#[inline(always)]
fn multiply<S: Simd>(simd: S, row: &mut [f32; WIDTH], factors: &[f32; WIDTH]) {
    let (factors, _) = S::as_simd_f32s(factors);
    for (value, factor) in S::as_mut_simd_f32s(row).0.iter_mut().zip(factors) {
        *value = simd.mul_f32s(*value, *factor);
    }
}

/// The largest of `before` and the scores, lane by lane.
#[inline(always)]
fn largest<S: Simd>(simd: S, scores: &[[f32; WIDTH]], before: [f32; WIDTH], vectors: usize) -> [f32; WIDTH] {
    let mut reached = before;
    let (all, _) = S::as_mut_simd_f32s(&mut reached);
    for (i, vector) in all.iter_mut().take(vectors).enumerate() {
        let mut largest = *vector;
        for row in scores {
            let score = S::as_simd_f32s(row).0[i];
            // A comparison with NaN is false: it is passed over here, and comes out of the exponential.
            largest = simd.select_f32s(simd.greater_than_f32s(score, largest), score, largest);
        }
        *vector = largest;
    }
    reached
}

/// Replaces scores by `2^(score - largest)` and adds them to `sums`.
#[inline(always)]
fn add_weights<S: Simd>(
    simd: S,
    scores: &mut [[f32; WIDTH]],
    largest: &[f32; WIDTH],
    sums: &mut [f32; WIDTH],
    count: usize,
) {
    let mut added = [0.0; WIDTH];
    let (vectors, _) = S::as_mut_simd_f32s(&mut added);
    let (largest, _) = S::as_simd_f32s(largest);
    for row in scores {
        let row = &mut S::as_mut_simd_f32s(row).0[..count];
        for ((score, largest), sum) in row.iter_mut().zip(largest).zip(vectors.iter_mut()) {
            *score = power_of_two(simd, simd.sub_f32s(*score, *largest));
            *sum = simd.add_f32s(*sum, *score);
        }
    }
    for (sum, added) in sums.iter_mut().zip(added) {
        *sum += added;
    }
}

/// [`exp2`] of each lane.
#[inline(always)]
fn power_of_two<S: Simd>(_: S, mut values: S::f32s) -> S::f32s {
    for value in pulp::bytemuck::cast_slice_mut::<_, f32>(std::slice::from_mut(&mut values)) {
        *value = exp2::<S>(*value);
    }
    values
}

//! Probabilities from logits.

use super::vector::{dispatch, exp2, multiply_add};
use pulp::{Simd, WithSimd};

struct Shade<'a> {
    logits: &'a mut [f32],
    scale: f32,
    offset: f32,
}

impl WithSimd for Shade<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        /// Beyond this the probability has vanished in f32, and its inverse would overflow.
        const FAR: f32 = 126.0;
        for x in self.logits {
            let power = *x * -std::f32::consts::LOG2_E;
            let power = if power > FAR { FAR } else { power };
            *x = multiply_add::<S>(1.0 / (1.0 + exp2::<S>(power)), self.scale, self.offset);
        }
    }
}

/// Replaces logits by `scale / (1 + exp(-logit)) + offset`, probabilities within 2.5e-7.
pub fn shade_in_place(logits: &mut [f32], scale: f32, offset: f32) {
    dispatch(Shade { logits, scale, offset });
}

//! Rounding to bfloat16.

use super::vector::dispatch;
use pulp::{Simd, WithSimd};

/// The nearest value whose lower 16 bits are zero, ties to even; infinities and NaNs are kept.
#[inline(always)]
fn round(x: f32) -> f32 {
    if x.is_nan() { x } else { f32::from_bits(nearest(x) & 0xffff_0000) }
}

/// A word whose upper half is the nearest bfloat16, ties to even; not for NaNs.
#[inline(always)]
pub fn nearest(x: f32) -> u32 {
    let bits = x.to_bits();
    let odd = (bits >> 16) & 1;
    bits.wrapping_add(0x7fff + odd)
}

struct Round<'a>(&'a mut [f32]);

impl WithSimd for Round<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for x in self.0 {
            *x = round(*x);
        }
    }
}

/// Rounds every value to the nearest bfloat16.
pub fn round_in_place(values: &mut [f32]) {
    dispatch(Round(values));
}

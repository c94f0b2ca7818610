//! Rounding to bfloat16.

use super::vector::dispatch;
use pulp::{Simd, WithSimd};

/// The nearest value whose lower 16 bits are zero, ties to even; infinities and NaNs are kept.
#[inline(always)]
fn round(x: f32) -> f32 {
    let bits = x.to_bits();
    let odd = (bits >> 16) & 1;
    let rounded = f32::from_bits(bits.wrapping_add(0x7fff + odd) & 0xffff_0000);
    if x.is_nan() { x } else { rounded }
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

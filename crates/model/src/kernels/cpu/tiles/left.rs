//! The left factor of products.

use crate::kernels::cpu::bf16::nearest;
use crate::kernels::cpu::vector::dispatch;
use pulp::{Simd, WithSimd};

/// Rows of words.
#[derive(Clone, Copy, Debug)]
pub struct Left<'a> {
    /// The memory, from the first row on.
    pub words: &'a [u32],
    /// Words between rows.
    pub stride: usize,
    /// How many there are.
    pub rows: usize,
}

impl<'a> Left<'a> {
    /// Rows without gaps.
    pub fn new(words: &'a [u32], stride: usize) -> Self {
        Self { words, stride, rows: words.len() / stride.max(1) }
    }
}

struct Narrow<'a> {
    values: &'a [f32],
    scale: f32,
    out: &'a mut [u16],
}

impl WithSimd for Narrow<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (out, &value) in self.out.iter_mut().zip(self.values) {
            *out = round(value * self.scale);
        }
    }
}

/// The nearest bfloat16, ties to even; infinities and NaNs are kept.
#[inline(always)]
pub(super) fn round(x: f32) -> u16 {
    if x.is_nan() { 0x7fc0 } else { (nearest(x) >> 16) as u16 }
}

/// Rounds `scale * values` to pairs of bfloat16; where their number is odd, the last word is filled with a zero.
pub fn narrow(values: &[f32], scale: f32, words: &mut [u32]) {
    let out: &mut [u16] = bytemuck::cast_slice_mut(words);
    let (head, tail) = out.split_at_mut(values.len());
    dispatch(Narrow { values, scale, out: head });
    tail.fill(0);
}

//! Moving between resolutions by powers of two.

use super::buffer::build;
use super::rows::Rows;
use super::vector::dispatch;
use pulp::{Simd, WithSimd};

struct LargestOf<'a> {
    inputs: [&'a [f32]; 4],
    out: &'a mut [f32],
}

impl WithSimd for LargestOf<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let [a, b, c, d] = self.inputs.map(|input| &input[..self.out.len()]);
        for (i, out) in self.out.iter_mut().enumerate() {
            *out = larger(larger(a[i], b[i]), larger(c[i], d[i]));
        }
    }
}

/// Like PyTorch's pooling, lets a NaN through from either side.
#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if a > b || a.is_nan() { a } else { b }
}

/// Largest of each 2x2 block of `x`, a set of maps of `hw = [h, w]` pixels.
pub fn max_pool_2x2(x: &Rows, hw: [usize; 2]) -> Vec<f32> {
    let [h, w] = hw;
    let (oh, ow) = (h / 2, w / 2);
    let maps = x.count() / (h * w).max(1);
    build(maps * oh * ow * x.len(), ow * x.len(), |line, out| {
        pool_line(x, (line / oh * h + line % oh * 2) * w, w, out);
    })
}

/// Largest of each 2x2 block of two lines of `w` pixels each, the first of which is pixel `top` of `x`, on this thread.
pub fn pool_line(x: &Rows, top: usize, w: usize, out: &mut [f32]) {
    for (i, out) in out.chunks_exact_mut(x.len()).enumerate() {
        let first = top + 2 * i;
        let inputs = [first, first + 1, first + w, first + w + 1].map(|pixel| x.row(pixel));
        dispatch(LargestOf { inputs, out });
    }
}

/// Spreads the channels of `x`, ordered `(dy, dx, c)`, over 2x2 pixels; lines of the maps are `w` pixels long.
pub fn pixel_shuffle_2x2(x: &Rows, w: usize) -> Vec<f32> {
    let half = x.len() / 2;
    build(x.count() * x.len(), w * half, |line, out| {
        let (first, dy) = (line / 2 * w, line % 2);
        for (i, pair) in out.chunks_exact_mut(half).enumerate() {
            pair.copy_from_slice(&x.row(first + i)[dy * half..][..half]);
        }
    })
}

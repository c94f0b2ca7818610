//! Bilinear resizing without averaging: PyTorch's `F.interpolate(mode="bilinear", align_corners=False)`.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

/// The two inputs that an output lies between, and their weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tap {
    /// The input at or before the output.
    pub low: usize,
    /// The next input, or the same at the end.
    pub high: usize,
    /// Weight of either.
    pub weights: [f32; 2],
}

impl Tap {
    /// The value between the two inputs.
    #[inline(always)]
    pub fn mix(&self, low: f32, high: f32) -> f32 {
        self.weights[0] * low + self.weights[1] * high
    }
}

/// A tap for each of `to` outputs from `from` inputs; positions are computed in f32 as the reference does.
pub fn taps(from: usize, to: usize) -> Vec<Tap> {
    let scale = from as f32 / to as f32;
    (0..to)
        .map(|index| {
            let position = scale.mul_add(index as f32 + 0.5, -0.5).max(0.0);
            let low = (position as usize).min(from - 1);
            let high = (low + 1).min(from - 1);
            let part = (position - low as f32).min(1.0);
            Tap { low, high, weights: [1.0 - part, part] }
        })
        .collect()
}

/// Resizes each map in `src`, `hw = [height, width]` values, to `to = [height, width]`.
///
/// # Panics
/// If `src` is not a whole number of maps or a size is zero.
pub fn resize_bilinear(src: &[f32], hw: [usize; 2], to: [usize; 2]) -> Vec<f32> {
    let map = hw[0] * hw[1];
    assert!(map.min(to[0]).min(to[1]) > 0, "no size may be zero");
    assert_eq!(src.len() % map, 0, "maps of {hw:?} values");
    let (down, across) = (taps(hw[0], to[0]), taps(hw[1], to[1]));
    let mut wide = vec![0.0; src.len() / hw[1] * to[1]];
    wide.par_chunks_mut(to[1]).zip(src.par_chunks(hw[1])).for_each(|(out, line)| stretch(line, &across, out));
    let mut out = vec![0.0; src.len() / map * to[0] * to[1]];
    out.par_chunks_mut(to[1]).enumerate().for_each(|(index, out)| {
        let tap = down[index % to[0]];
        let first = index / to[0] * hw[0];
        let [low, high] = [tap.low, tap.high].map(|y| &wide[(first + y) * to[1]..][..to[1]]);
        Arch::new().dispatch(Blend { tap, low, high, out });
    });
    out
}

/// Resizes one line.
pub fn stretch(line: &[f32], taps: &[Tap], out: &mut [f32]) {
    for (out, tap) in out.iter_mut().zip(taps) {
        *out = tap.mix(line[tap.low], line[tap.high]);
    }
}

/// The line between two lines.
pub struct Blend<'a> {
    /// Where between them.
    pub tap: Tap,
    /// The line before.
    pub low: &'a [f32],
    /// The line after.
    pub high: &'a [f32],
    /// The result, as long as the lines.
    pub out: &'a mut [f32],
}

impl WithSimd for Blend<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for ((out, &low), &high) in self.out.iter_mut().zip(self.low).zip(self.high) {
            *out = self.tap.mix(low, high);
        }
    }
}

//! Picture resizing with the bits of Pillow's `Image.resize((w, h))`, whose default filter is bicubic.
//!
//! Follows `src/libImaging/Resample.c` of Pillow: filter weights in 22-bit fixed point, first along lines, with the result
//! rounded to bytes, then along columns, or the other way round (see [`down_first`]).

use super::filter::{Window, span};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

/// Fraction bits of a weight: what 32 bits leave beside a byte and two bits for overshoot.
const PRECISION: u32 = 32 - 8 - 2;
/// One half, so that shifting rounds.
const HALF: i32 = 1 << (PRECISION - 1);
/// Reach of the filter in source pixels.
const SUPPORT: f64 = 2.0;
/// Bytes accumulated together in the vertical pass.
const LANES: usize = 128;
/// Lines of one task.
const LINES: usize = 16;

/// Keys' cubic with parameter -1/2.
fn cubic(x: f64) -> f64 {
    const A: f64 = -0.5;
    let x = x.abs();
    if x < 1.0 {
        ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0
    } else if x < SUPPORT {
        (((x - 5.0) * x + 8.0) * x - 4.0) * A
    } else {
        0.0
    }
}

/// Windows and weights for each of `to` outputs from `from` inputs.
fn windows(from: usize, to: usize) -> Vec<Window<i32>> {
    let scale = from as f64 / to as f64;
    let widening = scale.max(1.0);
    let reach = SUPPORT * widening;
    (0..to)
        .map(|index| {
            let centre = (index as f64 + 0.5) * scale;
            // Casts truncate and saturate: what lies left of the picture becomes 0.
            let first = (centre - reach + 0.5) as usize;
            let end = ((centre + reach + 0.5) as usize).min(from);
            let weights = (first..end).map(|x| cubic((x as f64 - centre + 0.5) * (1.0 / widening)));
            Window { first, weights: fixed_point(weights.collect()) }
        })
        .collect()
}

/// Scales weights to sum to one and rounds them half away from zero.
fn fixed_point(weights: Vec<f64>) -> Vec<i32> {
    let sum = weights.iter().sum::<f64>();
    weights
        .into_iter()
        .map(|weight| {
            let scaled = weight / sum * f64::from(1 << PRECISION);
            (scaled + 0.5_f64.copysign(scaled)) as i32
        })
        .collect()
}

/// The byte that a fixed-point sum stands for.
#[inline(always)]
fn to_byte(sum: i32) -> u8 {
    (sum >> PRECISION).clamp(0, 255) as u8
}

/// Resizes the RGB picture `src`, `width` by `height` pixels of 3 bytes, to `to_w` by `to_h` pixels.
///
/// # Panics
/// If `src` is not `3 * width * height` bytes or a size is zero.
pub fn resize_rgb_bicubic(src: &[u8], width: usize, height: usize, to_w: usize, to_h: usize) -> Vec<u8> {
    assert_eq!(src.len(), 3 * width * height, "a {width}x{height} RGB picture");
    assert!(src.len().min(to_w).min(to_h) > 0, "no size may be zero");
    if down_first([width, height], [to_w, to_h]) {
        let lower = resize_columns(src, 3 * width, 0, &windows(height, to_h));
        return resize_lines(&lower, width, to_w);
    }
    if height == to_h {
        return resize_lines(src, width, to_w);
    }
    let down = windows(height, to_h);
    let lines = span(&down);
    let narrow = resize_lines(&src[3 * width * lines.start..3 * width * lines.end], width, to_w);
    resize_columns(&narrow, 3 * to_w, lines.start, &down)
}

/// Whether columns are resized before lines: where the picture loses more than twice as many lines as columns.
///
/// Pillow does so from version 13 on (its pull request 9549; the factor was found by trying sizes); before, lines always
/// came first. The order shows in single levels.
fn down_first(from: [usize; 2], to: [usize; 2]) -> bool {
    from[1] > to[1] && from[1] - to[1] > 2 * from[0].saturating_sub(to[0])
}

/// Resizes every line of `width` pixels to `to_w`.
fn resize_lines(src: &[u8], width: usize, to_w: usize) -> Vec<u8> {
    if width == to_w {
        return src.to_vec();
    }
    let windows = windows(width, to_w).iter().map(spread).collect::<Vec<_>>();
    let mut out = vec![0; src.len() / width * to_w];
    out.par_chunks_mut(LINES * 3 * to_w)
        .zip(src.par_chunks(LINES * 3 * width))
        .for_each(|(out, src)| Arch::new().dispatch(Lines { src, width, windows: &windows, out }));
    out
}

/// Repeats every weight for the four bytes of a padded pixel, four pixels together, zeros at the end.
fn spread(window: &Window<i32>) -> Window<[i32; 16]> {
    let four = |taps: &[i32]| std::array::from_fn(|i| taps.get(i / 4).copied().unwrap_or(0));
    Window { first: window.first, weights: window.weights.chunks(4).map(four).collect() }
}

struct Lines<'a> {
    src: &'a [u8],
    width: usize,
    windows: &'a [Window<[i32; 16]>],
    out: &'a mut [u8],
}

impl WithSimd for Lines<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        // Pixels of four bytes fill vector registers; three more let the last windows end in whole groups of four.
        let mut padded = vec![0; 4 * (self.width + 3)];
        let lines = self.src.chunks_exact(3 * self.width);
        for (line, out) in lines.zip(self.out.chunks_exact_mut(3 * self.windows.len())) {
            for (padded, &[r, g, b]) in padded.as_chunks_mut().0.iter_mut().zip(line.as_chunks().0) {
                *padded = [r, g, b, 0];
            }
            for (pixel, window) in out.as_chunks_mut().0.iter_mut().zip(self.windows) {
                *pixel = mix_pixels(&padded[4 * window.first..], &window.weights);
            }
        }
    }
}

/// Weighted sum of the first pixels of a padded line.
#[inline(always)]
fn mix_pixels(line: &[u8], weights: &[[i32; 16]]) -> [u8; 3] {
    let mut sums = [0; 16];
    for (bytes, weights) in line.as_chunks::<16>().0.iter().zip(weights) {
        for ((sum, &byte), &weight) in sums.iter_mut().zip(bytes).zip(weights) {
            *sum += weight * i32::from(byte);
        }
    }
    std::array::from_fn(|i| to_byte(HALF + sums[i] + sums[i + 4] + sums[i + 8] + sums[i + 12]))
}

/// Resizes every column of a picture with lines of `row` bytes; `skipped` lines were left out above it.
fn resize_columns(src: &[u8], row: usize, skipped: usize, windows: &[Window<i32>]) -> Vec<u8> {
    let mut out = vec![0; row * windows.len()];
    out.par_chunks_mut(row).zip(windows).for_each(|(out, window)| {
        let src = &src[(window.first - skipped) * row..];
        Arch::new().dispatch(Columns { src, weights: &window.weights, out });
    });
    out
}

struct Columns<'a> {
    src: &'a [u8],
    weights: &'a [i32],
    out: &'a mut [u8],
}

impl WithSimd for Columns<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let row = self.out.len();
        let (blocks, rest) = self.out.as_chunks_mut::<LANES>();
        for (i, block) in blocks.iter_mut().enumerate() {
            *block = mix_lines(&self.src[i * LANES..], row, self.weights);
        }
        let first = row - rest.len();
        for (i, byte) in rest.iter_mut().enumerate() {
            *byte = mix_lines::<1>(&self.src[first + i..], row, self.weights)[0];
        }
    }
}

/// Weighted sum of the first `N` bytes of lines `row` bytes apart.
#[inline(always)]
fn mix_lines<const N: usize>(src: &[u8], row: usize, weights: &[i32]) -> [u8; N] {
    let mut sums = [HALF; N];
    for (i, &weight) in weights.iter().enumerate() {
        for (sum, &byte) in sums.iter_mut().zip(&src[i * row..][..N]) {
            *sum += weight * i32::from(byte);
        }
    }
    sums.map(to_byte)
}

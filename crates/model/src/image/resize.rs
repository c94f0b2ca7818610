//! Picture resizing with the bits of Pillow's `Image.resize((w, h))`, whose default filter is bicubic.
//!
//! Follows `src/libImaging/Resample.c` of Pillow: filter weights in 22-bit fixed point, first along lines, with the result
//! rounded to bytes, then along columns, or the other way round (see [`down_first`]).

use super::filter::{Window, span};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

/// Fraction bits of a weight: what 32 bits leave beside a byte and two bits for overshoot.
pub(crate) const PRECISION: u32 = 32 - 8 - 2;
/// One half, so that shifting rounds.
pub(crate) const HALF: i32 = 1 << (PRECISION - 1);
/// Reach of the filter in source pixels.
const SUPPORT: f64 = 2.0;
/// Bytes accumulated together in the vertical pass.
const LANES: usize = 128;
/// Lines of one task.
const LINES: usize = 16;
/// Lines whose pixels are mixed together: with the same weights, and four bytes for each pixel, in the lanes of one register.
const ABREAST: usize = 4;
/// A pixel of each.
type Abreast = [u8; 4 * ABREAST];

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

/// Windows and weights for each of `to` outputs from `from` inputs. Where both are as many, each output is its input.
pub(crate) fn windows(from: usize, to: usize) -> Vec<Window<i32>> {
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
pub(crate) fn down_first(from: [usize; 2], to: [usize; 2]) -> bool {
    from[1] > to[1] && from[1] - to[1] > 2 * from[0].saturating_sub(to[0])
}

/// Resizes every line of `width` pixels to `to_w`.
fn resize_lines(src: &[u8], width: usize, to_w: usize) -> Vec<u8> {
    if width == to_w {
        return src.to_vec();
    }
    let windows = windows(width, to_w);
    let mut out = vec![0; src.len() / width * to_w];
    out.par_chunks_mut(LINES * 3 * to_w)
        .zip(src.par_chunks(LINES * 3 * width))
        .for_each(|(out, src)| Arch::new().dispatch(Lines { src, width, windows: &windows, out }));
    out
}

struct Lines<'a> {
    src: &'a [u8],
    width: usize,
    windows: &'a [Window<i32>],
    out: &'a mut [u8],
}

impl WithSimd for Lines<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let (from, to) = (3 * self.width, 3 * self.windows.len());
        let mut pixels = vec![[0; 4 * ABREAST]; self.width];
        // All of a line before any of it is taken apart: where the compiler sees which bytes are dropped, it spends more on leaving them out
        // than they cost.
        let mut mixed = vec![[0; 4 * ABREAST]; self.windows.len()];
        for (src, out) in self.src.chunks(ABREAST * from).zip(self.out.chunks_mut(ABREAST * to)) {
            for (i, line) in src.chunks_exact(from).enumerate() {
                interleave(line, i, &mut pixels);
            }
            for (mixed, window) in mixed.iter_mut().zip(self.windows) {
                *mixed = mix_pixels(&pixels[window.inputs()], &window.weights);
            }
            for (i, line) in out.chunks_exact_mut(to).enumerate() {
                separate(&mixed, i, line);
            }
        }
    }
}

/// Writes the pixels of a line to place `i` of those abreast. The fourth byte is that of whatever comes next.
#[inline(always)]
fn interleave(line: &[u8], i: usize, pixels: &mut [Abreast]) {
    let Some((last, before)) = pixels.split_last_mut() else { return };
    for (x, pixel) in before.iter_mut().enumerate() {
        pixel[4 * i..4 * i + 4].copy_from_slice(&line[3 * x..3 * x + 4]);
    }
    last[4 * i..4 * i + 3].copy_from_slice(&line[line.len() - 3..]);
}

/// The inverse.
#[inline(always)]
fn separate(pixels: &[Abreast], i: usize, line: &mut [u8]) {
    for (to, pixel) in line.as_chunks_mut::<3>().0.iter_mut().zip(pixels) {
        to.copy_from_slice(&pixel[4 * i..4 * i + 3]);
    }
}

/// Weighted sum of pixels.
#[inline(always)]
fn mix_pixels(pixels: &[Abreast], weights: &[i32]) -> Abreast {
    let mut sums = [HALF; 4 * ABREAST];
    for (pixels, &weight) in pixels.iter().zip(weights) {
        for (sum, &byte) in sums.iter_mut().zip(pixels) {
            *sum += weight * i32::from(byte);
        }
    }
    sums.map(to_byte)
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

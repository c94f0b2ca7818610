//! Depthwise convolution of channels-last maps.

use super::buffer::build;
use super::conv::Shape;
use super::vector::{dispatch, multiply_add};
use pulp::{Simd, WithSimd};

/// Channels and neighbouring pixels accumulated in registers at once.
const CHANNELS: usize = 32;
const PIXELS: usize = 4;

struct Line<'a> {
    x: &'a [f32],
    shape: Shape,
    weight: &'a [f32],
    bias: &'a [f32],
    /// Map and output line.
    map: usize,
    y: usize,
    out: &'a mut [f32],
}

impl WithSimd for Line<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, _: S) {
        let width = self.shape.output()[1];
        let channels = self.shape.channels;
        let full = channels / CHANNELS * CHANNELS;
        for first in (0..width).step_by(PIXELS) {
            let many = first + PIXELS <= width;
            for c in (0..full).step_by(CHANNELS) {
                if many {
                    self.tile::<S, PIXELS, CHANNELS>(first, c);
                } else {
                    (first..width).for_each(|x| self.tile::<S, 1, CHANNELS>(x, c));
                }
            }
            for x in first..width.min(first + PIXELS) {
                (full..channels).for_each(|c| self.tile::<S, 1, 1>(x, c));
            }
        }
    }
}

impl Line<'_> {
    /// Computes `P` pixels from `first` on, `C` channels from `c` on.
    #[inline(always)]
    fn tile<S: Simd, const P: usize, const C: usize>(&mut self, first: usize, c: usize) {
        let channels = self.shape.channels;
        let mut sums = [[0.0; C]; P];
        for sum in &mut sums {
            sum.copy_from_slice(&self.bias[c..c + C]);
        }
        let [kh, kw] = self.shape.kernel;
        for dy in 0..kh {
            let Some(line) = self.input_line(dy) else {
                continue;
            };
            for dx in 0..kw {
                let weight = &self.weight[(dy * kw + dx) * channels + c..][..C];
                for (p, sum) in sums.iter_mut().enumerate() {
                    if let Some(x) = self.input_column(first + p + dx) {
                        add_product::<S, C>(sum, &line[x * channels + c..][..C], weight);
                    }
                }
            }
        }
        for (p, sum) in sums.iter().enumerate() {
            self.out[(first + p) * channels + c..][..C].copy_from_slice(sum);
        }
    }

    /// The input line that filter line `dy` falls on, unless it is padding.
    #[inline(always)]
    fn input_line(&self, dy: usize) -> Option<&[f32]> {
        let [h, w] = self.shape.hw;
        let y = (self.y + dy).checked_sub(self.shape.padding).filter(|&y| y < h)?;
        let length = w * self.shape.channels;
        Some(&self.x[(self.map * h + y) * length..][..length])
    }

    /// The input column at a padded column, unless it is padding.
    #[inline(always)]
    fn input_column(&self, padded: usize) -> Option<usize> {
        padded.checked_sub(self.shape.padding).filter(|&x| x < self.shape.hw[1])
    }
}

#[inline(always)]
fn add_product<S: Simd, const C: usize>(sum: &mut [f32; C], x: &[f32], weight: &[f32]) {
    for i in 0..C {
        sum[i] = multiply_add::<S>(x[i], weight[i], sum[i]);
    }
}

/// Convolves each channel of dense `x` with its filter in `weight [kh, kw, channels]` and adds `bias`.
pub fn depthwise_conv2d(x: &[f32], shape: Shape, weight: &[f32], bias: &[f32]) -> Vec<f32> {
    let [oh, ow] = shape.output();
    let row = ow * shape.channels;
    let maps = x.len() / (shape.hw[0] * shape.hw[1] * shape.channels);
    build(maps * oh * row, row, |line, out| {
        dispatch(Line { x, shape, weight, bias, map: line / oh, y: line % oh, out });
    })
}

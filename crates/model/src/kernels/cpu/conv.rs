//! Dense convolution of channels-last maps as matrix products.

use super::buffer::{build, with_scratch};
use super::linear::repeat_row;
use super::matrix::{Matrix, Target, multiply};

/// Floats of gathered input in one task: 512 KiB, so that it stays in a second-level cache.
const PATCHES: usize = 1 << 17;

/// Sizes of a convolution over dense `[maps, h, w, channels]` input.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Height and width of the input.
    pub hw: [usize; 2],
    /// Channels of the input.
    pub channels: usize,
    /// Height and width of the filter.
    pub kernel: [usize; 2],
    /// Step between neighbouring outputs.
    pub stride: usize,
    /// Zeros around the input.
    pub padding: usize,
}

impl Shape {
    /// Height and width of the output.
    pub fn output(&self) -> [usize; 2] {
        std::array::from_fn(|i| (self.hw[i] + 2 * self.padding - self.kernel[i]) / self.stride + 1)
    }

    /// Inputs that one output depends on.
    fn patch(&self) -> usize {
        self.kernel[0] * self.kernel[1] * self.channels
    }

    /// Gathers the inputs of output pixel `index`, in the order of the weight.
    fn gather(&self, x: &[f32], index: usize, patch: &mut [f32]) {
        let [oh, ow] = self.output();
        let (map, y, x0) = (index / (oh * ow), index / ow % oh, index % ow);
        let line = self.kernel[1] * self.channels;
        for (dy, target) in patch.chunks_exact_mut(line).enumerate() {
            match (y * self.stride + dy).checked_sub(self.padding).filter(|&y| y < self.hw[0]) {
                Some(y) => self.gather_line(x, map * self.hw[0] + y, x0 * self.stride, target),
                None => target.fill(0.0),
            }
        }
    }

    /// Gathers from input line `line` what one line of the filter covers, `left` being counted in padded columns.
    fn gather_line(&self, x: &[f32], line: usize, left: usize, target: &mut [f32]) {
        let Self { hw: [_, w], channels, padding, .. } = *self;
        let right = left + self.kernel[1];
        let from = left.max(padding).min(right);
        let to = right.min(w + padding).max(from);
        let (head, rest) = target.split_at_mut((from - left) * channels);
        let (body, tail) = rest.split_at_mut((to - from) * channels);
        head.fill(0.0);
        if to > from {
            body.copy_from_slice(&x[(line * w + from - padding) * channels..][..body.len()]);
        }
        tail.fill(0.0);
    }
}

/// Convolves dense `x` with `weight [kh * kw * channels, out]` and adds `bias`.
pub fn conv2d(x: &[f32], shape: Shape, weight: Matrix, bias: &[f32]) -> Vec<f32> {
    let [oh, ow] = shape.output();
    let patch = shape.patch();
    let columns = bias.len();
    let pixels = x.len() / (shape.hw[0] * shape.hw[1] * shape.channels) * oh * ow;
    let step = (PATCHES / patch).clamp(16, 512);
    build(pixels * columns, step * columns, |block, out| {
        let rows = out.len() / columns;
        with_scratch(rows * patch, |patches| {
            for (i, target) in patches.chunks_exact_mut(patch).enumerate() {
                shape.gather(x, block * step + i, target);
            }
            repeat_row(out, columns, bias);
            let patches = Matrix::dense(patches, [rows, patch]);
            multiply(out, columns, Target::Accumulate, patches, weight);
        });
    })
}

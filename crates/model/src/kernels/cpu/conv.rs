//! Dense convolution of channels-last maps as matrix products.

use super::buffer::{build, with_scratch};
use super::linear::{repeat_row, rows_of_task};
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

    /// Gathers the inputs of output pixels from `first` on, in the order of the weight, until `patches` is full.
    fn gather(&self, x: &[f32], first: usize, patches: &mut [f32]) {
        // What a line of the filter covers is often so short that calling a function to copy it takes longer than copying.
        match self.kernel[1] * self.channels {
            3 => self.gather_with(x, first, patches, copy::<3>),
            12 => self.gather_with(x, first, patches, copy::<12>),
            21 => self.gather_with(x, first, patches, copy::<21>),
            48 => self.gather_with(x, first, patches, copy::<48>),
            _ => self.gather_with(x, first, patches, |to, from| to.copy_from_slice(from)),
        }
    }

    fn gather_with(&self, x: &[f32], mut first: usize, mut patches: &mut [f32], copy: impl Fn(&mut [f32], &[f32])) {
        let [oh, ow] = self.output();
        while !patches.is_empty() {
            let (line, left) = (first / ow, first % ow);
            let count = (ow - left).min(patches.len() / self.patch());
            let (now, rest) = patches.split_at_mut(count * self.patch());
            for dy in 0..self.kernel[0] {
                let y = (line % oh * self.stride + dy).checked_sub(self.padding).filter(|&y| y < self.hw[0]);
                let row = self.hw[1] * self.channels;
                let source = y.map(|y| &x[(line / oh * self.hw[0] + y) * row..][..row]);
                self.gather_line(source, left, dy, now, &copy);
            }
            (patches, first) = (rest, first + count);
        }
    }

    /// Gathers what line `dy` of the filter covers on an input line, or in the padding, for outputs from column `left` on.
    fn gather_line(
        &self,
        source: Option<&[f32]>,
        left: usize,
        dy: usize,
        patches: &mut [f32],
        copy: &impl Fn(&mut [f32], &[f32]),
    ) {
        let length = self.kernel[1] * self.channels;
        for (i, patch) in patches.chunks_exact_mut(self.patch()).enumerate() {
            let (target, start) = (&mut patch[dy * length..][..length], (left + i) * self.stride);
            match source {
                Some(line) if start >= self.padding && start + self.kernel[1] <= self.hw[1] + self.padding => {
                    copy(target, &line[(start - self.padding) * self.channels..][..length]);
                }
                Some(line) => self.gather_at_edge(line, start, target),
                None => target.fill(0.0),
            }
        }
    }

    /// Gathers from an input line what one line of the filter covers, part of it padding; `left` is counted in padded columns.
    fn gather_at_edge(&self, line: &[f32], left: usize, target: &mut [f32]) {
        let Self { hw: [_, w], channels, padding, .. } = *self;
        let right = left + self.kernel[1];
        let from = left.max(padding).min(right);
        let to = right.min(w + padding).max(from);
        target.fill(0.0);
        if to > from {
            let body = &line[(from - padding) * channels..(to - padding) * channels];
            target[(from - left) * channels..][..body.len()].copy_from_slice(body);
        }
    }
}

/// Copies a number of floats that the compiler knows.
#[inline(always)]
fn copy<const N: usize>(to: &mut [f32], from: &[f32]) {
    if let (Some(to), Some(from)) = (to.first_chunk_mut::<N>(), from.first_chunk::<N>()) {
        *to = *from;
    }
}

/// Convolves dense `x` with `weight [kh * kw * channels, out]`, adds `bias` and calls `then` for the rows of every task.
pub fn conv2d(x: &[f32], shape: Shape, weight: Matrix, bias: &[f32], then: impl Fn(&mut [f32]) + Sync) -> Vec<f32> {
    let [oh, ow] = shape.output();
    let patch = shape.patch();
    let columns = bias.len();
    let pixels = x.len() / (shape.hw[0] * shape.hw[1] * shape.channels) * oh * ow;
    let step = rows_of_task(pixels, (PATCHES / patch).clamp(16, 512));
    build(pixels * columns, step * columns, |block, out| {
        let rows = out.len() / columns;
        with_scratch(rows * patch, |patches| {
            shape.gather(x, block * step, patches);
            repeat_row(out, columns, bias);
            let patches = Matrix::dense(patches, [rows, patch]);
            multiply(out, columns, Target::Accumulate, patches, weight);
        });
        then(out);
    })
}

//! Windows of maps that look at themselves.
//!
//! Where windows reach beyond a map they see zeros after the normalisation, which are projected to the bias alone. So only pixels of the
//! map are projected, keys and values of the others are put in as what they are, and nobody asks in their name: of a
//! map of 18x18 pixels in windows of 8x8 that saves nearly half of the work.

use super::Mix;
use crate::kernels::cpu::attention::Head;
use crate::kernels::cpu::buffer::{build, cut, equal_share, with_scratch};
use crate::kernels::cpu::layer_norm::layer_norm_in_place;
use crate::kernels::cpu::linear::{ROWS, repeat_row};
use crate::kernels::cpu::matrix::Matrix;
use crate::kernels::cpu::pixels::pool_line;
use crate::kernels::cpu::rows::Rows;
use crate::kernels::cpu::windows::Windows;

/// What is to be looked at.
pub struct InWindows<'a> {
    pub mix: &'a Mix<'a>,
    pub windows: Windows,
    pub pools: bool,
}

impl InWindows<'_> {
    /// What all of so many windows see.
    pub fn of(&self, count: usize) -> Vec<f32> {
        let step = equal_share(count, (ROWS / self.pixels()).max(1));
        let window = self.asking() * self.mix.width();
        build(count * window, step * window, |index, out| {
            let windows = out.len() / window;
            with_scratch(self.memory(windows).iter().sum(), |memory| self.fill(index * step, out, memory));
        })
    }

    /// Pixels of a window.
    fn pixels(&self) -> usize {
        self.windows.size * self.windows.size
    }

    /// Height and width of that part of a window that asks, out of one that lies inside the map.
    fn that_ask(&self, inside: [usize; 2]) -> [usize; 2] {
        if self.pools { inside.map(|side| side / 2) } else { inside }
    }

    /// Queries of a window that lies inside the map as a whole.
    fn asking(&self) -> usize {
        self.that_ask([self.windows.size; 2]).iter().product()
    }

    /// Floats of memory that so many windows need: for normalised pixels; for queries, keys and values, side by side for each pixel;
    /// and, for one window at a time, for those of a window that reaches beyond the map, for its queries that are left, for what it sees,
    /// for products and then for attention.
    fn memory(&self, windows: usize) -> [usize; 6] {
        let (pixels, width) = (self.pixels(), self.mix.width());
        let rows = windows * pixels;
        let matrix = |tokens| Matrix::dense(&[], [tokens, width / self.mix.heads]);
        let head = Head { q: matrix(self.asking()), k: matrix(pixels), v: matrix(pixels) };
        let rest = self.mix.memory_to_project(rows).max(head.memory(self.mix.factors()));
        let pooled = if self.pools { self.asking() * width } else { 0 };
        let [whole, seen] = if self.windows.fit() { [0; 2] } else { [pixels * 3 * width, self.asking() * width] };
        [rows * self.mix.x.len(), rows * 3 * width, whole, pooled, seen, rest]
    }

    /// Writes what windows from `first` on see to `out`.
    fn fill(&self, first: usize, out: &mut [f32], memory: &mut [f32]) {
        let (window, row) = (self.asking() * self.mix.width(), 3 * self.mix.width());
        let count = out.len() / window;
        let [normed, joint, whole, pooled, seen, rest] = cut(memory, self.memory(count));
        let pixels = self.windows.copy_inside(&self.mix.x, first..first + count, normed);
        let normed = &mut normed[..pixels * self.mix.x.len()];
        layer_norm_in_place(normed, self.mix.norm);
        let mut joint = &mut joint[..pixels * row];
        self.mix.project(normed, joint, rest);

        for (index, out) in out.chunks_exact_mut(window).enumerate() {
            let inside = self.windows.inside(first + index);
            let (own, others) = joint.split_at_mut(inside[0] * inside[1] * row);
            joint = others;
            let looked_at: &[f32] = if own.len() == self.pixels() * row { own } else { self.completed(own, whole) };
            self.attend(looked_at, inside, out, [&mut *pooled, &mut *seen, &mut *rest]);
        }
    }

    /// The rows of the pixels inside the map, and then those of the ones beyond it.
    fn completed<'b>(&self, inside: &[f32], whole: &'b mut [f32]) -> &'b [f32] {
        let width = self.mix.width();
        let (pixels, beyond) = whole.split_at_mut(inside.len());
        pixels.copy_from_slice(inside);
        for (index, projection) in self.mix.projections.iter().enumerate() {
            match projection.bias {
                Some(bias) => repeat_row(&mut beyond[index * width..], 3 * width, bias),
                None => beyond.chunks_exact_mut(3 * width).for_each(|row| row[index * width..][..width].fill(0.0)),
            }
        }
        whole
    }

    /// Has a window look at itself: the rows of its pixels `inside` the map, which come first, at all of them.
    fn attend(&self, joint: &[f32], inside: [usize; 2], out: &mut [f32], [pooled, seen, memory]: [&mut [f32]; 3]) {
        let width = self.mix.width();
        let part = |start: usize, rows: usize| Matrix {
            data: joint,
            start,
            size: [rows, width],
            strides: [(3 * width).cast_signed(), 1],
        };
        let [height, line] = self.that_ask(inside);
        if height * line == 0 {
            return;
        }
        let q = if self.pools {
            self.pool(joint, inside[1], line, &mut pooled[..height * line * width]);
            Matrix::dense(pooled, [height * line, width])
        } else {
            part(0, height * line)
        };
        let (k, v) = (part(width, self.pixels()), part(2 * width, self.pixels()));
        // Where lines of the map are as long as those of the window, rows are already where they belong.
        let [_, longest] = self.that_ask([self.windows.size; 2]);
        let direct = line == longest;
        let target = if direct { &mut *out } else { &mut *seen };
        let channels = width / self.mix.heads;
        for head in 0..self.mix.heads {
            let first = head * channels;
            let [q, k, v] = [q, k, v].map(|matrix| matrix.columns(first, channels));
            Head { q, k, v }.attend(self.mix.factors(), &mut target[first..], width, memory);
        }
        if !direct {
            for (seen, out) in seen.chunks_exact(line * width).zip(out.chunks_exact_mut(longest * width)).take(height) {
                out[..seen.len()].copy_from_slice(seen);
            }
        }
    }

    /// The largest of each 2x2 queries, `line` of them in a line, of lines of `across` pixels.
    fn pool(&self, joint: &[f32], across: usize, line: usize, pooled: &mut [f32]) {
        let width = self.mix.width();
        let queries = Rows::apart(joint, width, 3 * width);
        for (index, out) in pooled.chunks_exact_mut(line * width).enumerate() {
            pool_line(&queries, 2 * index * across, across, out);
        }
    }
}

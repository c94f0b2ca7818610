//! What a block of the image encoder sees: nothing of a window leaves the cache before all of it has looked at all of it.

use super::attention::{Head, Heads, attention};
use super::buffer::{build, equal_share, with_scratch};
use super::layer_norm::{Affine, layer_norm_in_place};
use super::linear::{Projection, ROWS, rows_of_task};
use super::matrix::Matrix;
use super::pixels::pool_line;
use super::product::Factors;
use super::rows::Rows;
use super::windows::{Windows, clear_beyond, copy_windows};

/// `attention(query(norm(x)), key(norm(x)), value(norm(x)))`.
pub struct Mix<'a> {
    /// The pixels of some maps.
    pub x: Rows<'a>,
    /// What they are normalised with.
    pub norm: Affine<'a>,
    /// Queries, keys and values, all as wide.
    pub projections: [Projection<'a>; 3],
    /// How many share the width.
    pub heads: usize,
}

impl Mix<'_> {
    fn width(&self) -> usize {
        self.projections[0].weight.width()
    }

    fn factors(&self) -> Factors {
        self.projections[0].weight.factors()
    }

    /// Over whole maps of so many pixels, a row for each pixel.
    pub fn over_maps(&self, pixels: usize) -> Vec<f32> {
        let (width, rows, depth) = (self.width(), self.x.count(), self.x.len());
        let step = rows_of_task(rows, ROWS);
        let joint = build(rows * 3 * width, step * 3 * width, |task, out| {
            let rows = out.len() / (3 * width);
            with_scratch(rows * depth + self.memory_to_project(rows), |memory| {
                let (normed, memory) = memory.split_at_mut(rows * depth);
                self.x.copy_from(task * step, normed);
                layer_norm_in_place(normed, self.norm);
                self.project(normed, out, memory);
            });
        });
        let channels = width / self.heads;
        let across = |pixels: usize| (pixels * 3 * width).cast_signed();
        let [q, k, v] = [0, 1, 2].map(|part| Heads {
            data: &joint,
            start: part * width,
            size: [rows / pixels.max(1), self.heads, pixels, channels],
            strides: [across(pixels), channels.cast_signed(), across(1)],
        });
        attention(q, k, v, self.factors())
    }

    /// Within windows, a row for each pixel of one window after the other; for each 2x2 of them where it `pools`.
    pub fn in_windows(&self, windows: Windows, pools: bool) -> Vec<f32> {
        let task = InWindows { mix: self, windows, pools };
        let [h, w] = windows.hw;
        let [down, right] = windows.grid();
        let count = self.x.count() / (h * w).max(1) * down * right;
        let step = task.in_a_task(count);
        let window = task.asking() * self.width();
        build(count * window, step * window, |index, out| {
            with_scratch(task.memory(out.len() / window), |memory| task.fill(index * step, out, memory));
        })
    }

    fn memory_to_project(&self, rows: usize) -> usize {
        self.projections.iter().map(|projection| projection.memory(rows, self.x.len())).max().unwrap_or(0)
    }

    /// Queries, keys and values of pixels, side by side.
    fn project(&self, normed: &[f32], joint: &mut [f32], memory: &mut [f32]) {
        let normed = Matrix::dense(normed, [normed.len() / self.x.len(), self.x.len()]);
        for (index, projection) in self.projections.iter().enumerate() {
            projection.write_apart(normed, &mut joint[index * self.width()..], 3 * self.width(), memory);
        }
    }
}

struct InWindows<'a> {
    mix: &'a Mix<'a>,
    windows: Windows,
    pools: bool,
}

impl InWindows<'_> {
    /// Windows of a task, out of so many.
    fn in_a_task(&self, count: usize) -> usize {
        equal_share(count, (ROWS / self.pixels()).max(1))
    }

    /// Pixels of a window.
    fn pixels(&self) -> usize {
        self.windows.size * self.windows.size
    }

    /// Pixels of a window that ask.
    fn asking(&self) -> usize {
        if self.pools { (self.windows.size / 2).pow(2) } else { self.pixels() }
    }

    /// Floats of memory that [`fill`](Self::fill) needs for so many windows.
    fn memory(&self, windows: usize) -> usize {
        self.sizes(windows).iter().sum()
    }

    /// For normalised pixels; for queries, keys and values, side by side for each pixel; for the queries of a window that are left; for
    /// products, and then for attention.
    fn sizes(&self, windows: usize) -> [usize; 4] {
        let (rows, width) = (windows * self.pixels(), self.mix.width());
        let matrix = |tokens| Matrix::dense(&[], [tokens, width / self.mix.heads]);
        let head = Head { q: matrix(self.asking()), k: matrix(self.pixels()), v: matrix(self.pixels()) };
        let rest = self.mix.memory_to_project(rows).max(head.memory(self.mix.factors()));
        let pooled = if self.pools { self.asking() * width } else { 0 };
        [rows * self.mix.x.len(), rows * 3 * width, pooled, rest]
    }

    /// Writes what windows from `first` on see to `out`.
    fn fill(&self, first: usize, out: &mut [f32], memory: &mut [f32]) {
        let (width, windows) = (self.mix.width(), out.len() / (self.asking() * self.mix.width()));
        let [normed, joint, pooled, _] = self.sizes(windows);
        let (normed, memory) = memory.split_at_mut(normed);
        let (joint, memory) = memory.split_at_mut(joint);
        let (pooled, rest) = memory.split_at_mut(pooled);
        self.gather(first * self.pixels(), normed);
        self.mix.project(normed, joint, rest);
        let joint = joint.chunks_exact(self.pixels() * 3 * width);
        for (joint, out) in joint.zip(out.chunks_exact_mut(self.asking() * width)) {
            self.attend(joint, out, pooled, rest);
        }
    }

    /// Normalised pixels of windows, from the one at position `first` of them on; zeros where a window reaches beyond the map.
    fn gather(&self, first: usize, normed: &mut [f32]) {
        copy_windows(&self.mix.x, self.windows, first, normed);
        layer_norm_in_place(normed, self.mix.norm);
        clear_beyond(self.windows, first, normed, self.mix.x.len());
    }

    /// Has a window look at itself.
    fn attend(&self, joint: &[f32], out: &mut [f32], pooled: &mut [f32], memory: &mut [f32]) {
        let width = self.mix.width();
        let part = |start: usize| Matrix {
            data: joint,
            start,
            size: [self.pixels(), width],
            strides: [(3 * width).cast_signed(), 1],
        };
        let (k, v) = (part(width), part(2 * width));
        let q = if self.pools {
            self.pool(joint, pooled);
            Matrix::dense(pooled, [self.asking(), width])
        } else {
            part(0)
        };
        let channels = width / self.mix.heads;
        for head in 0..self.mix.heads {
            let first = head * channels;
            let [q, k, v] = [q, k, v].map(|matrix| matrix.columns(first, channels));
            Head { q, k, v }.attend(self.mix.factors(), &mut out[first..], width, memory);
        }
    }

    /// The largest of each 2x2 queries.
    fn pool(&self, joint: &[f32], pooled: &mut [f32]) {
        let (width, side) = (self.mix.width(), self.windows.size);
        let queries = Rows::apart(joint, width, 3 * width);
        for (line, out) in pooled.chunks_exact_mut(side / 2 * width).enumerate() {
            pool_line(&queries, 2 * line * side, side, out);
        }
    }
}

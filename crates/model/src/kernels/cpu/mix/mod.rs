//! What a block of the image encoder sees: nothing of a window leaves the cache before all of it has looked at all of it.

mod in_windows;

use super::attention::{Heads, attention};
use super::buffer::{build, with_scratch};
use super::layer_norm::{Affine, layer_norm_in_place};
use super::linear::{Projection, ROWS, rows_of_task};
use super::matrix::Matrix;
use super::product::Factors;
use super::rows::Rows;
use super::windows::Windows;
use in_windows::InWindows;

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

    /// Within windows, a row for each pixel of one window after the other, or for each 2x2 of them where it `pools`. Rows that
    /// stand beyond the map are zeros.
    pub fn in_windows(&self, windows: Windows, pools: bool) -> Vec<f32> {
        let [h, w] = windows.hw;
        let [down, right] = windows.grid();
        InWindows { mix: self, windows, pools }.of(self.x.count() / (h * w).max(1) * down * right)
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

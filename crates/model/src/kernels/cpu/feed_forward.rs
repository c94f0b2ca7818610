//! Two layers of a block in one go: nothing between them leaves the cache.

use super::buffer::cut;
use super::layer_norm::{Affine, layer_norm_in_place};
use super::linear::{Layer, Projection, bend, rows_of_task};
use super::matrix::Matrix;
use super::repeat::add_repeated;
use super::rows::Rows;
use crate::kernels::Curve;

/// Most floats between the layers in a task: a quarter of a second-level cache.
const HIDDEN: usize = 1 << 16;

/// Fewest rows of a task: each has the weights come by once.
const LEAST: usize = 24;

/// `x + (curve(norm(x) * widen) * narrow)`, row by row.
pub struct FeedForward<'a> {
    /// What is added to `x` first.
    pub arrival: Option<&'a Layer<'a>>,
    /// What is normalised in place of `x`, as many rows.
    pub instead: Option<&'a Rows<'a>>,
    /// What `x` is normalised with.
    pub norm: Affine<'a>,
    /// The first layer.
    pub widen: Projection<'a>,
    /// Applied between the layers.
    pub curve: Curve,
    /// The second layer.
    pub narrow: Projection<'a>,
}

impl FeedForward<'_> {
    /// Rows of a task out of so many.
    pub fn rows_of_task(&self, rows: usize) -> usize {
        rows_of_task(rows, (HIDDEN / self.widen.weight.width() / 12 * 12).max(LEAST))
    }

    /// Floats of memory that [`add_to`](Self::add_to) needs for so many rows.
    pub fn memory(&self, rows: usize) -> usize {
        let arriving = self.arrival.map_or(0, |layer| layer.memory_to_add(rows));
        self.parts(rows).iter().sum::<usize>().max(arriving)
    }

    /// What is normalised, what is between the layers, what comes out, and what products need.
    fn parts(&self, rows: usize) -> [usize; 4] {
        let [outer, hidden] = [self.narrow.weight.width(), self.widen.weight.width()];
        let products = self.widen.memory(rows, outer).max(self.narrow.memory(rows, hidden));
        [rows * outer, rows * hidden, rows * outer, products]
    }

    /// Adds to rows, of which `first` is the first, what arrives for them and then what the layers make of them, on this thread.
    pub fn add_to(&self, first: usize, x: &mut [f32], memory: &mut [f32]) {
        if let Some(layer) = self.arrival {
            layer.add_from(first, x, memory);
        }
        let [outer, hidden] = [self.narrow.weight.width(), self.widen.weight.width()];
        let rows = x.len() / outer;
        let [normed, between, result, memory] = cut(memory, self.parts(rows));
        match self.instead {
            Some(other) => other.copy_from(first, normed),
            None => normed.copy_from_slice(x),
        }
        layer_norm_in_place(normed, self.norm);
        self.widen.write(Matrix::dense(normed, [rows, outer]), between, memory);
        bend(self.curve, between);
        self.narrow.write(Matrix::dense(between, [rows, hidden]), result, memory);
        add_repeated(x, result, 0);
    }
}

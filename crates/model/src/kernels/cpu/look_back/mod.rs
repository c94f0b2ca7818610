//! Attention of a map to memories of other maps, without a key for each of them.
//!
//! Keys are `R(x, y) (W m + b)`: memories of 64 channels that are projected to four times as many and turned by an angle of their
//! place. What a query `q` sees in a memory is therefore `u · m + s` with `u = W^T R(x, y)^T q`, and as half of the channels turns with
//! the column and the other half with the row, `u` is the sum of a part for the column and a part for the row. There are few columns and
//! rows but many places and maps, so parts are worked out first, and every memory then costs a product as wide as itself. The result
//! is the same but for rounding.

mod memories;
mod panel;
mod places;
mod turned;

use rayon::prelude::*;

use super::attention::Heads;
use super::buffer::with_scratch;
use super::lanes::WIDTH;
use super::matrix::Matrix;
use memories::Object;
use panel::Panel;
use turned::Turned;

/// Queries, memories, and how keys are made of them.
#[derive(Clone, Copy, Debug)]
pub struct LookBack<'a> {
    /// `[objects, 1, side * side, channels]`, turned.
    pub queries: Heads<'a>,
    /// `[objects, 1, tokens, width]`: whole maps, then tokens without a place.
    pub values: Heads<'a>,
    /// The same with positions added: what keys are made of.
    pub located: Heads<'a>,
    /// How many tokens have no place.
    pub placeless: usize,
    /// Makes keys, `[width, channels]`.
    pub weight: Matrix<'a>,
    /// Added to keys, `[channels]`.
    pub bias: &'a [f32],
    /// Cosines of the angles of cells, `[side * side, channels / 2]`: the first half of a row depends on the column of the map, the second
    /// on the row. The first cell is not turned.
    pub cos: &'a [f32],
    /// Sines likewise.
    pub sin: &'a [f32],
}

impl<'a> LookBack<'a> {
    /// Cells along a side of a map.
    fn side(&self) -> usize {
        self.queries.size[2].isqrt()
    }

    /// Channels of memories.
    fn width(&self) -> usize {
        self.values.size[3]
    }

    fn maps(&self) -> usize {
        (self.values.size[2] - self.placeless) / self.queries.size[2]
    }

    /// Whether this takes less arithmetic than attention to keys.
    pub fn pays(&self) -> bool {
        let [_, _, cells, channels] = self.queries.size;
        let parts = 2 * self.side() * (self.width() + 1) * channels / 2;
        let here = parts + cells * (self.maps() + 1) * self.width();
        here < cells * self.maps() * channels
    }

    /// Mixtures of values, a dense `[objects, side * side, width]` buffer.
    ///
    /// # Panics
    /// If sizes disagree.
    pub fn mix(&self) -> Vec<f32> {
        let [objects, _, cells, _] = self.queries.size;
        let (side, width) = (self.side(), self.width());
        assert!(side * side == cells && self.values.size == self.located.size && self.weight.size[0] == width);
        let turned = Turned::new(self, side);
        let objects: Vec<Object> = (0..objects).map(|object| Object::new(self, object)).collect();
        let mut out = vec![0.0; objects.len() * cells * width];
        out.par_chunks_mut(cells * width).zip(&objects).enumerate().for_each(|(index, (out, object))| {
            out.par_chunks_mut(WIDTH * width).enumerate().for_each(|(panel, out)| {
                let queries = self.queries.head(index, 0).rows(panel * WIDTH, out.len() / width);
                let panel = Panel { queries, turned: &turned, object, side };
                with_scratch(panel.memory(), |memory| panel.look_back(out, memory));
            });
        });
        out
    }
}

//! Attention in bfloat16.

use super::attention::{Head, Heads, for_queries};
use super::buffer::with_scratch;
use super::matrix::{Matrix, Target};
use super::product::{Factors, narrowed};
use super::softmax::{Divide, Weigh};
use super::tiles::{Panels, Source, pack, pack_into};
use super::vector::dispatch;

/// Scores that a task holds at a time: what does not stay in a second-level cache takes as long as the products.
const SCORES: usize = 1 << 16;
/// Most queries in a task. Every block of keys is packed once for these.
const QUERIES: usize = 192;
/// Fewest queries in a task, unless an item has no more.
const LEAST: usize = 64;
/// Keys are taken in multiples of this, the columns of a panel.
const KEYS: usize = 32;

/// Rows of the output, over all batch items, that make a task: part of an item, or several whole ones where they are small.
///
/// How items are cut does not depend on the number of threads: few rows may be multiplied in another order than many, and the last digit
/// would show it.
fn rows_of_task([batch, queries]: [usize; 2]) -> usize {
    let part = queries.div_ceil(16).next_multiple_of(LEAST).min(QUERIES);
    if queries > part {
        return part;
    }
    let share = (batch * queries).div_ceil(rayon::current_num_threads()).min(QUERIES);
    (share / queries).max(1) * queries
}

/// `softmax(q k^T / sqrt(d)) v` as a dense `[batch, queries, heads, e]` buffer.
pub fn attention(q: Heads, k: Heads, v: Heads) -> Vec<f32> {
    let [batch, heads, queries, _] = q.size;
    let rows = rows_of_task([batch, queries]);
    let packed = if rows < queries { pack_all(k, v) } else { Vec::new() };
    for_queries(q.size, v.size[3], rows, |[item, head], first, count, out, stride| {
        let part = Head { q: q.head(item, head).rows(first, count), k: k.head(item, head), v: v.head(item, head) };
        let look = Look::new(part, packed.get(item * heads + head));
        with_scratch(look.memory(), |memory| look.attend(out, stride, memory));
    })
}

/// Packed keys, transposed, and values of one head.
type Packed = [Vec<u32>; 2];

/// Keys and values of all heads: several tasks look at each.
fn pack_all(k: Heads, v: Heads) -> Vec<Packed> {
    let [batch, heads, ..] = k.size;
    let places = (0..batch).flat_map(|item| (0..heads).map(move |head| (item, head)));
    places.map(|(item, head)| sources(k.head(item, head), v.head(item, head)).map(pack)).collect()
}

fn sources<'a>(k: Matrix<'a>, v: Matrix<'a>) -> [Source<'a>; 2] {
    [Source::Singles(k.transposed()), Source::Singles(v)]
}

/// Some queries of one head with all its keys and values.
pub struct Look<'a> {
    head: Head<'a>,
    packed: Option<&'a Packed>,
    block: Block<'a>,
}

impl<'a> Look<'a> {
    /// Of all these queries; `packed` are the keys and values, if several tasks look at them.
    fn new(head: Head<'a>, packed: Option<&'a Packed>) -> Self {
        Self { head, packed, block: Block::new(head.q, head.k.size[0], head.v.size[1]) }
    }

    /// Of all these queries, and nobody else looks at their keys.
    pub fn alone(head: Head<'a>) -> Self {
        Self::new(head, None)
    }

    /// Rows and columns of the transposed keys and of the values.
    fn sizes(&self) -> [[usize; 2]; 2] {
        let [keys, channels] = self.head.k.size;
        [[channels, keys], self.head.v.size]
    }

    /// Words of memory for keys and for values that are packed here.
    fn words(&self) -> [usize; 2] {
        self.sizes().map(|size| if self.packed.is_none() { Panels::words(size) } else { 0 })
    }

    /// Floats of memory that [`attend`](Self::attend) needs.
    pub fn memory(&self) -> usize {
        self.block.memory() + self.words().iter().sum::<usize>()
    }

    /// Writes the result to `out`, whose rows are `stride` floats apart.
    pub fn attend(&self, out: &mut [f32], stride: usize, memory: &mut [f32]) {
        let (memory, panels) = memory.split_at_mut(self.block.memory());
        let panels: &mut [u32] = bytemuck::cast_slice_mut(panels);
        let [for_keys, for_values] = self.words();
        let (for_keys, panels) = panels.split_at_mut(for_keys);
        let for_values = &mut panels[..for_values];
        let words: [&[u32]; 2] = match self.packed {
            Some([keys, values]) => [keys, values],
            None => {
                let [k, v] = sources(self.head.k, self.head.v);
                pack_into(for_keys, k);
                pack_into(for_values, v);
                [for_keys, for_values]
            }
        };
        let sizes = self.sizes();
        self.block.attend([0, 1].map(|i| Panels::new(words[i], sizes[i])), out, stride, memory);
    }
}

/// Some queries of one head with all its keys and values.
struct Block<'a> {
    q: Matrix<'a>,
    keys: usize,
    width: usize,
    /// Keys taken at a time.
    step: usize,
}

impl<'a> Block<'a> {
    fn new(q: Matrix<'a>, keys: usize, width: usize) -> Self {
        let most = (SCORES / q.size[0] / KEYS * KEYS).max(KEYS);
        Self { q, keys, width, step: most.min(keys) }
    }

    /// Floats of memory that [`attend`](Self::attend) needs: state, scores, and queries and weights in pairs.
    fn memory(&self) -> usize {
        let [queries, channels] = self.q.size;
        queries * (2 + self.step) + Factors::Bf16.memory(queries, channels) + Factors::Bf16.memory(queries, self.step)
    }

    /// Writes the result into `out`, whose rows are `stride` floats apart.
    ///
    /// Keys are taken a block at a time. The largest score and the sum of weights of every query so far are carried along,
    /// and earlier results are scaled down when a larger score appears.
    fn attend(&self, [keys, values]: [Panels; 2], out: &mut [f32], stride: usize, memory: &mut [f32]) {
        let [queries, channels] = self.q.size;
        // Scores are in units of powers of two.
        let scale = std::f32::consts::LOG2_E / (channels as f32).sqrt();
        let (state, memory) = memory.split_at_mut(2 * queries);
        let (scores, narrow) = memory.split_at_mut(queries * self.step);
        let pairs: &mut [u32] = bytemuck::cast_slice_mut(narrow);
        let (for_queries, for_weights) = pairs.split_at_mut(Factors::Bf16.memory(queries, channels));
        let q = narrowed(self.q, scale, for_queries);
        let (largest, sums) = state.split_at_mut(queries);
        largest.fill(f32::NEG_INFINITY);
        sums.fill(0.0);
        for first in (0..self.keys).step_by(self.step) {
            let count = self.step.min(self.keys - first);
            let scores = &mut scores[..queries * count];
            keys.columns(first, count).multiply(q, scores, count, Target::Overwrite);
            dispatch(Weigh { scores, largest, sums, out, stride, width: self.width });
            let target = if first == 0 { Target::Overwrite } else { Target::Accumulate };
            let weights = Matrix::dense(scores, [queries, count]);
            values.rows(first, count).multiply(narrowed(weights, 1.0, for_weights), out, stride, target);
        }
        dispatch(Divide { out, stride, width: self.width, sums });
    }
}

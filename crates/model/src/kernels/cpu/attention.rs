//! Attention in blocks of queries and keys, so that scores never leave the cache.

use super::buffer::{build, equal_share, with_scratch};
use super::lanes::{self, WIDTH};
use super::matrix::Matrix;
use super::narrow;
use super::product::Factors;

/// Most queries in a task: every block of keys is fetched once for these.
const QUERIES: usize = 4 * WIDTH;
/// Queries in the widest register.
const LANES: usize = 16;

/// A `[batch, heads, tokens, channels]` tensor whose channels are contiguous.
#[derive(Clone, Copy, Debug)]
pub struct Heads<'a> {
    /// The memory.
    pub data: &'a [f32],
    /// Index of the first element.
    pub start: usize,
    /// Sizes.
    pub size: [usize; 4],
    /// Strides of the first three dimensions.
    pub strides: [isize; 3],
}

impl<'a> Heads<'a> {
    /// Tokens by channels of one head.
    pub fn head(&self, batch: usize, head: usize) -> Matrix<'a> {
        let skipped = batch.cast_signed() * self.strides[0] + head.cast_signed() * self.strides[1];
        Matrix {
            data: self.data,
            start: (self.start.cast_signed() + skipped).cast_unsigned(),
            size: [self.size[2], self.size[3]],
            strides: [self.strides[2], 1],
        }
    }
}

/// Rows of the output, over all batch items, that make a task: part of an item, or several whole ones where they are small. Threads get
/// equal shares: what a query sees does not depend on which others are looked at with it.
fn shared_rows([batch, queries]: [usize; 2]) -> usize {
    let share = equal_share(batch * queries, QUERIES);
    if share >= queries {
        return share / queries * queries;
    }
    queries.div_ceil(queries.div_ceil(share)).next_multiple_of(LANES)
}

/// Queries, keys and values of one head; the channels of a query are neighbours.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// Queries by channels.
    pub q: Matrix<'a>,
    /// Keys by channels.
    pub k: Matrix<'a>,
    /// Keys by channels of values.
    pub v: Matrix<'a>,
}

impl Head<'_> {
    /// Floats of memory that [`attend`](Self::attend) needs.
    pub fn memory(self, factors: Factors) -> usize {
        match factors {
            Factors::F32 => lanes::Look(self).memory(),
            Factors::Bf16 => narrow::Look::alone(self).memory(),
        }
    }

    /// Writes `softmax(q k^T / sqrt(d)) v` to `out`, whose rows are `stride` floats apart, on this thread.
    pub fn attend(self, factors: Factors, out: &mut [f32], stride: usize, memory: &mut [f32]) {
        match factors {
            Factors::F32 => lanes::Look(self).attend(out, stride, memory),
            Factors::Bf16 => narrow::Look::alone(self).attend(out, stride, memory),
        }
    }
}

/// `softmax(q k^T / sqrt(d)) v` as a dense `[batch, queries, heads, e]` buffer.
pub fn attention(q: Heads, k: Heads, v: Heads, factors: Factors) -> Vec<f32> {
    if q.size.contains(&0) {
        return Vec::new();
    }
    match factors {
        Factors::F32 => {
            let rows = shared_rows([q.size[0], q.size[2]]);
            for_queries(q.size, v.size[3], rows, |[item, head], first, count, out, stride| {
                let q = q.head(item, head).rows(first, count);
                let look = lanes::Look(Head { q, k: k.head(item, head), v: v.head(item, head) });
                with_scratch(look.memory(), |memory| look.attend(out, stride, memory));
            })
        }
        Factors::Bf16 => narrow::attention(q, k, v),
    }
}

/// Makes a `[batch, queries, heads, width]` buffer for queries `[batch, heads, queries, ..]`, `rows` of its `batch * queries` rows in a task.
///
/// `attend` gets the batch item and head, the first of some queries and how many, and where their result goes: rows that are as many
/// floats apart as its last argument says.
pub fn for_queries(
    [batch, heads, queries, _]: [usize; 4],
    width: usize,
    rows: usize,
    attend: impl Fn([usize; 2], usize, usize, &mut [f32], usize) + Sync,
) -> Vec<f32> {
    let row = heads * width;
    build(batch * queries * row, rows * row, |task, mut out| {
        let mut first = task * rows;
        while !out.is_empty() {
            let (item, query) = (first / queries, first % queries);
            let count = (queries - query).min(out.len() / row);
            let (block, rest) = out.split_at_mut(count * row);
            for head in 0..heads {
                attend([item, head], query, count, &mut block[head * width..], row);
            }
            (out, first) = (rest, first + count);
        }
    })
}

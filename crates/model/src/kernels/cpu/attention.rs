//! Attention in blocks of queries and keys, so that scores never leave the cache.

use super::buffer::{build, with_scratch};
use super::matrix::{Matrix, Target, multiply};
use super::vector::{dispatch, exp2, maximum, sum_of};
use pulp::{Simd, WithSimd};
use std::ops::Range;

/// Scores that a task holds at a time: 1 MiB.
const SCORES: usize = 1 << 18;
/// Most queries in a task. Every block of keys is packed once for these.
const QUERIES: usize = 512;

/// A `[batch, heads, tokens, channels]` tensor with any strides.
#[derive(Clone, Copy, Debug)]
pub struct Heads<'a> {
    /// The memory.
    pub data: &'a [f32],
    /// Index of the first element.
    pub start: usize,
    /// Sizes.
    pub size: [usize; 4],
    /// Strides.
    pub strides: [isize; 4],
}

impl<'a> Heads<'a> {
    /// Tokens by channels of one head.
    fn head(&self, batch: usize, head: usize) -> Matrix<'a> {
        let skipped = batch.cast_signed() * self.strides[0] + head.cast_signed() * self.strides[1];
        Matrix {
            data: self.data,
            start: (self.start.cast_signed() + skipped).cast_unsigned(),
            size: [self.size[2], self.size[3]],
            strides: [self.strides[2], self.strides[3]],
        }
    }
}

/// Rows of the output, over all batch items, that make a task: whole items when they are small, and few enough rows
/// that every thread gets some.
fn rows_of_task(batch: usize, queries: usize) -> usize {
    let share = (batch * queries).div_ceil(rayon::current_num_threads());
    let rows = share.next_multiple_of(16).min(QUERIES);
    if queries <= rows { rows / queries * queries } else { rows }
}

/// `softmax(q k^T / sqrt(d)) v` as a dense `[batch, queries, heads, e]` buffer.
pub fn attention(q: Heads, k: Heads, v: Heads) -> Vec<f32> {
    let [batch, heads, queries, _] = q.size;
    let row = heads * v.size[3];
    if batch * queries * row == 0 {
        return Vec::new();
    }
    let rows = rows_of_task(batch, queries);
    build(batch * queries * row, rows * row, |task, mut out| {
        let mut first = task * rows;
        while !out.is_empty() {
            let (item, query) = (first / queries, first % queries);
            let count = (queries - query).min(out.len() / row);
            let (block, rest) = out.split_at_mut(count * row);
            attend_heads(block, [q, k, v], item, query..query + count);
            (out, first) = (rest, first + count);
        }
    })
}

/// Attends with some queries of every head of a batch item; `out` is dense `[queries, heads, e]`.
fn attend_heads(out: &mut [f32], [q, k, v]: [Heads; 3], item: usize, queries: Range<usize>) {
    let (heads, width) = (q.size[1], v.size[3]);
    for head in 0..heads {
        let block = Block {
            q: q.head(item, head).rows(queries.start, queries.len()),
            k: k.head(item, head),
            v: v.head(item, head),
        };
        block.attend(&mut out[head * width..], heads * width);
    }
}

/// Some queries of one head with all its keys and values.
struct Block<'a> {
    q: Matrix<'a>,
    k: Matrix<'a>,
    v: Matrix<'a>,
}

impl Block<'_> {
    /// Writes the result into `out`, whose rows are `stride` floats apart.
    ///
    /// Keys are taken a block at a time. The largest score and the sum of weights of every query so far are carried along,
    /// and earlier results are scaled down when a larger score appears.
    fn attend(&self, out: &mut [f32], stride: usize) {
        let (queries, keys) = (self.q.size[0], self.k.size[0]);
        let step = (SCORES / queries).clamp(16, keys.max(16));
        with_scratch(queries * (step + 2), |memory| {
            let (state, scores) = memory.split_at_mut(2 * queries);
            let (largest, sums) = state.split_at_mut(queries);
            largest.fill(f32::NEG_INFINITY);
            sums.fill(0.0);
            let width = self.v.size[1];
            for first in (0..keys).step_by(step) {
                let count = step.min(keys - first);
                let scores = &mut scores[..queries * count];
                self.score(scores, first, count);
                dispatch(Weigh { scores, largest, sums, out, stride, width });
                let target = if first == 0 { Target::Overwrite } else { Target::Accumulate };
                let weights = Matrix::dense(scores, [queries, count]);
                multiply(out, stride, target, 1.0, weights, self.v.rows(first, count));
            }
            dispatch(Divide { out, stride, width, sums });
        });
    }

    /// Scores of all queries with `count` keys from `first` on, in units of powers of two.
    fn score(&self, scores: &mut [f32], first: usize, count: usize) {
        let scale = std::f32::consts::LOG2_E / (self.q.size[1] as f32).sqrt();
        let keys = self.k.rows(first, count).transposed();
        multiply(scores, count, Target::Overwrite, scale, self.q, keys);
    }
}

/// Turns scores into weights and updates the state of every query.
struct Weigh<'a> {
    scores: &'a mut [f32],
    largest: &'a mut [f32],
    sums: &'a mut [f32],
    out: &'a mut [f32],
    stride: usize,
    width: usize,
}

impl WithSimd for Weigh<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let count = self.scores.len() / self.largest.len();
        let rows = self.scores.chunks_exact_mut(count);
        let state = self.largest.iter_mut().zip(self.sums);
        for ((row, (largest, sum)), out) in rows.zip(state).zip(self.out.chunks_mut(self.stride)) {
            let reached = larger(*largest, maximum(row));
            let shrink = exp2::<S>(*largest - reached);
            if *largest != reached {
                out[..self.width].iter_mut().for_each(|value| *value *= shrink);
            }
            *sum = *sum * shrink + weigh::<S>(row, reached);
            *largest = reached;
        }
    }
}

#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}

/// Replaces scores by `2^(score - largest)` and returns their sum.
#[inline(always)]
fn weigh<S: Simd>(scores: &mut [f32], largest: f32) -> f32 {
    for score in scores.iter_mut() {
        *score = exp2::<S>(*score - largest);
    }
    sum_of(scores, |weight| weight)
}

/// Divides every row by its sum of weights.
struct Divide<'a> {
    out: &'a mut [f32],
    stride: usize,
    width: usize,
    sums: &'a [f32],
}

impl WithSimd for Divide<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (row, &sum) in self.out.chunks_mut(self.stride).zip(self.sums) {
            let factor = 1.0 / sum;
            row[..self.width].iter_mut().for_each(|value| *value *= factor);
        }
    }
}

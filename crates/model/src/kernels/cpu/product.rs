//! Products whose factors are kept with as many bits as wished.

use super::matrix::{Matrix, Target, multiply};
use super::tiles::{Left, Panels, narrow, words};

/// With how many bits factors are multiplied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factors {
    /// 32, as they are.
    F32,
    /// 16, rounded to bfloat16; only where [tiles are known](super::tiles::are_known).
    Bf16,
}

impl Factors {
    /// Floats of memory that [`Right::multiply`] needs for a left factor of `rows` rows of `depth` values.
    pub fn memory(self, rows: usize, depth: usize) -> usize {
        match self {
            Self::F32 => 0,
            Self::Bf16 => rows * words(depth),
        }
    }
}

/// A right factor.
#[derive(Clone, Copy)]
pub enum Right<'a> {
    /// As it lies in memory.
    Plain(Matrix<'a>),
    /// Rounded and packed.
    Packed(Panels<'a>),
}

impl Right<'_> {
    /// Columns of it all.
    pub fn width(&self) -> usize {
        match self {
            Self::Plain(matrix) => matrix.size[1],
            Self::Packed(panels) => panels.width(),
        }
    }

    /// How it is kept.
    pub fn factors(&self) -> Factors {
        match self {
            Self::Plain(_) => Factors::F32,
            Self::Packed(_) => Factors::Bf16,
        }
    }

    /// Writes `left` times this to `out`, whose rows are `stride` floats apart, on this thread.
    ///
    /// Rows of `left` are contiguous. `memory` is as long as [`Factors::memory`] says.
    pub fn multiply(self, left: Matrix, out: &mut [f32], stride: usize, target: Target, memory: &mut [f32]) {
        match self {
            Self::Plain(right) => multiply(out, stride, target, left, right),
            Self::Packed(panels) => {
                panels.multiply(narrowed(left, 1.0, bytemuck::cast_slice_mut(memory)), out, stride, target);
            }
        }
    }
}

/// Rounds the rows of a matrix, times `scale`, to pairs, one behind the other.
pub fn narrowed<'a>(left: Matrix, scale: f32, memory: &'a mut [u32]) -> Left<'a> {
    let stride = words(left.size[1]);
    for (row, words) in memory.chunks_exact_mut(stride.max(1)).take(left.size[0]).enumerate() {
        narrow(left.row(row), scale, words);
    }
    Left::new(&memory[..left.size[0] * stride], stride)
}

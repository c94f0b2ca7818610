//! Rotary position encoding.

use super::vector::dispatch;
use pulp::{Simd, WithSimd};

/// Tables of cosines and sines, row-major `[tokens, half]`.
#[derive(Clone, Copy)]
pub struct Tables<'a> {
    /// Cosines.
    pub cos: &'a [f32],
    /// Sines.
    pub sin: &'a [f32],
    /// Angles for a token: half of the channels.
    pub half: usize,
}

struct Rotate<'a> {
    rows: &'a mut [f32],
    first: usize,
    tables: Tables<'a>,
}

impl WithSimd for Rotate<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Tables { cos, sin, half } = self.tables;
        let tokens = cos.len() / half;
        for (i, row) in self.rows.chunks_exact_mut(2 * half).enumerate() {
            let angles = (self.first + i) % tokens * half;
            let angles = angles..angles + half;
            let (a, b) = row.split_at_mut(half);
            rotate(a, b, &cos[angles.clone()], &sin[angles]);
        }
    }
}

#[inline(always)]
fn rotate(a: &mut [f32], b: &mut [f32], cos: &[f32], sin: &[f32]) {
    for (((a, b), &cos), &sin) in a.iter_mut().zip(b).zip(cos).zip(sin) {
        (*a, *b) = (*a * cos - *b * sin, *a * sin + *b * cos);
    }
}

/// Rotates rows in place; the first one is token `first` and tokens repeat with the tables.
pub fn rotate_in_place(rows: &mut [f32], first: usize, tables: Tables) {
    dispatch(Rotate { rows, first, tables });
}

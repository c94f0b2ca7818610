//! A matrix times a panel.

use pulp::{Simd, WithSimd};

use super::WIDTH;
use crate::kernels::cpu::matrix::{Matrix, Target};
use crate::kernels::cpu::vector::{dispatch, fetch};

/// Most rows of a panel taken at a time: 24 KiB, which stay in a first-level cache.
const DEPTH: usize = 128;

/// `left * panel`, a row of [`WIDTH`] floats for each row of `left`.
#[derive(Clone, Copy, Debug)]
pub struct Product<'a> {
    /// The left factor, with any strides.
    pub left: Matrix<'a>,
    /// A row of [`WIDTH`] floats for each column of `left`.
    pub panel: &'a [f32],
    /// How many lanes matter; others come out as anything.
    pub lanes: usize,
    /// What happens to what is there.
    pub target: Target,
}

impl Product<'_> {
    /// Works it out.
    ///
    /// # Panics
    /// If a factor or `out` is too short, or there are more lanes than [`WIDTH`].
    pub fn write(self, out: &mut [f32]) {
        let [rows, depth] = self.left.size;
        assert!(self.lanes <= WIDTH && depth * WIDTH <= self.panel.len() && rows * WIDTH <= out.len());
        assert!(self.left.in_bounds());
        let mut target = self.target;
        let step = depth.div_ceil(depth.div_ceil(DEPTH).max(1)).max(1);
        for first in (0..depth.max(1)).step_by(step) {
            let left = self.left.columns(first, step.min(depth - first));
            let panel = &self.panel[first * WIDTH..];
            dispatch(Run { product: Product { left, panel, target, ..self }, out });
            target = Target::Accumulate;
        }
    }
}

struct Run<'a, 'b> {
    product: Product<'a>,
    out: &'b mut [f32],
}

impl WithSimd for Run<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let mut lane = 0;
        while lane < self.product.lanes {
            let left = (self.product.lanes - lane).div_ceil(S::F32_LANES);
            let out = self.out.as_mut_ptr().wrapping_add(lane);
            // SAFETY: `write` has checked that all rows of the panel and of `out` have WIDTH floats, and that the left factor lies in
            // its memory; tiles start at a lane below WIDTH and end at most at WIDTH, a multiple of every number of lanes below.
            let done = unsafe {
                if S::REGISTER_COUNT < 32 {
                    match left {
                        1 => self.product.column::<S, 6, 1>(simd, lane, out),
                        _ => self.product.column::<S, 6, 2>(simd, lane, out),
                    }
                } else {
                    match left {
                        1 => self.product.column::<S, 8, 1>(simd, lane, out),
                        2 => self.product.column::<S, 8, 2>(simd, lane, out),
                        _ => self.product.column::<S, 8, 3>(simd, lane, out),
                    }
                }
            };
            lane += done * S::F32_LANES;
        }
    }
}

impl Product<'_> {
    /// All rows of `VECTORS` registers of lanes from `lane` on; gives back `VECTORS`.
    #[inline(always)]
    unsafe fn column<S: Simd, const ROWS: usize, const VECTORS: usize>(
        &self,
        simd: S,
        lane: usize,
        out: *mut f32,
    ) -> usize {
        let mut row = 0;
        let rows = self.left.size[0];
        while row < rows {
            let out = out.wrapping_add(row * WIDTH);
            // SAFETY: the caller's, for rows below `rows`.
            row += unsafe {
                match rows - row {
                    rest if rest >= ROWS => self.tile::<S, ROWS, VECTORS>(simd, row, lane, out),
                    4.. => self.tile::<S, 4, VECTORS>(simd, row, lane, out),
                    2.. => self.tile::<S, 2, VECTORS>(simd, row, lane, out),
                    _ => self.tile::<S, 1, VECTORS>(simd, row, lane, out),
                }
            };
        }
        VECTORS
    }

    #[inline(always)]
    unsafe fn tile<S: Simd, const ROWS: usize, const VECTORS: usize>(
        &self,
        simd: S,
        row: usize,
        lane: usize,
        out: *mut f32,
    ) -> usize {
        let [down, across] = self.left.strides;
        let depth = self.left.size[1];
        let start = self.left.start.cast_signed() + row.cast_signed() * down;
        let mut left = self.left.data.as_ptr().wrapping_offset(start);
        let mut right = self.panel.as_ptr().wrapping_add(lane);
        // Rows are short and far apart: the processor does not see that the next ones are next.
        if across == 1 {
            for row in ROWS..2 * ROWS {
                fetch::<true>(left.wrapping_offset(row.cast_signed() * down), depth);
            }
        }
        let mut sums = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
        for _ in 0..depth {
            // SAFETY: the caller's, for columns below `depth`.
            unsafe {
                let vectors: [S::f32s; VECTORS] =
                    std::array::from_fn(|i| right.add(i * S::F32_LANES).cast::<S::f32s>().read_unaligned());
                for (row, sums) in sums.iter_mut().enumerate() {
                    let value = simd.splat_f32s(*left.offset(row.cast_signed() * down));
                    for (sum, vector) in sums.iter_mut().zip(vectors) {
                        *sum = simd.mul_add_e_f32s(value, vector, *sum);
                    }
                }
            }
            left = left.wrapping_offset(across);
            right = right.wrapping_add(WIDTH);
        }
        for (row, sums) in sums.into_iter().enumerate() {
            for (i, sum) in sums.into_iter().enumerate() {
                // SAFETY: the caller's.
                unsafe {
                    let at = out.add(row * WIDTH + i * S::F32_LANES).cast::<S::f32s>();
                    let sum = match self.target {
                        Target::Overwrite => sum,
                        Target::Accumulate => simd.add_f32s(at.read_unaligned(), sum),
                    };
                    at.write_unaligned(sum);
                }
            }
        }
        ROWS
    }
}

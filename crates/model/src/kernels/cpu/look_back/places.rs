//! Scores of keys that stand in the same place of several maps.

use pulp::{Simd, WithSimd};

use crate::kernels::cpu::lanes::WIDTH;
use crate::kernels::cpu::vector::{dispatch, fetch};

/// Most maps taken at a time: with three registers of lanes each, 21 of 32 hold sums.
pub const MAPS: usize = 7;
/// Columns of the map taken at a time.
pub const COLUMNS: usize = 8;

/// For each of some places, one behind the other in a row of the map, and each map, what queries see of it: the memory there times the sum of two
/// panels, one for the column and one for the row.
#[derive(Clone, Copy, Debug)]
pub struct Places<'a> {
    /// For each place, for each channel of memories, the values of all maps.
    pub memories: &'a [f32],
    /// Maps, 1 to [`MAPS`].
    pub maps: usize,
    /// For each place a panel with a row for each channel of memories, and one for what is added to scores.
    pub columns: &'a [f32],
    /// One such panel.
    pub row: &'a [f32],
    /// How many lanes matter; others come out as anything.
    pub lanes: usize,
    /// What will be read after this: it is fetched meanwhile.
    pub next: &'a [f32],
}

impl Places<'_> {
    /// Writes a row of scores for each place and map.
    ///
    /// # Panics
    /// If a slice is too short.
    pub fn write(self, out: &mut [f32]) {
        let channels = self.channels();
        let count = out.len() / (self.maps * WIDTH);
        assert!((1..=MAPS).contains(&self.maps) && self.lanes <= WIDTH);
        assert!(count * self.maps * channels <= self.memories.len() && count * self.row.len() <= self.columns.len());
        dispatch(Run { places: self, out });
    }

    /// Channels of memories.
    fn channels(&self) -> usize {
        self.row.len() / WIDTH - 1
    }
}

struct Run<'a, 'b> {
    places: Places<'a>,
    out: &'b mut [f32],
}

impl WithSimd for Run<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match self.places.maps {
            1 => self.places.all::<S, 1>(simd, self.out),
            2 => self.places.all::<S, 2>(simd, self.out),
            3 => self.places.all::<S, 3>(simd, self.out),
            4 => self.places.all::<S, 4>(simd, self.out),
            5 => self.places.all::<S, 5>(simd, self.out),
            6 => self.places.all::<S, 6>(simd, self.out),
            _ => self.places.all::<S, 7>(simd, self.out),
        }
    }
}

impl Places<'_> {
    #[inline(always)]
    fn all<S: Simd, const N: usize>(self, simd: S, out: &mut [f32]) {
        let places = self.memories.chunks_exact(self.channels() * N).zip(self.columns.chunks_exact(self.row.len()));
        let part = self.next.len().div_ceil((out.len() / (N * WIDTH)).max(1)).max(1);
        let mut next = self.next.chunks(part);
        for ((memory, column), out) in places.zip(out.chunks_exact_mut(N * WIDTH)) {
            let next = next.next().unwrap_or_default();
            fetch::<false>(next.as_ptr(), next.len());
            let mut lane = 0;
            while lane < self.lanes {
                let rest = (self.lanes - lane).div_ceil(S::F32_LANES);
                // SAFETY: `memory` has N floats for each channel, panels have a row more than there are channels, `out` has N rows, and
                // WIDTH is a multiple of the lanes of every register.
                let done = unsafe {
                    if S::REGISTER_COUNT < 32 || rest == 1 {
                        self.tile::<S, N, 1>(simd, memory, &column[lane..], &self.row[lane..], &mut out[lane..])
                    } else if rest == 2 {
                        self.tile::<S, N, 2>(simd, memory, &column[lane..], &self.row[lane..], &mut out[lane..])
                    } else {
                        self.tile::<S, N, 3>(simd, memory, &column[lane..], &self.row[lane..], &mut out[lane..])
                    }
                };
                lane += done * S::F32_LANES;
            }
        }
    }

    #[inline(always)]
    unsafe fn tile<S: Simd, const N: usize, const VECTORS: usize>(
        self,
        simd: S,
        memory: &[f32],
        column: &[f32],
        row: &[f32],
        out: &mut [f32],
    ) -> usize {
        let channels = self.channels();
        let (mut column, mut row) = (column.as_ptr(), row.as_ptr());
        let mut memory = memory.as_ptr();
        // SAFETY: the caller's: one row behind those of the channels.
        let shared = unsafe { sums::<S, VECTORS>(simd, column.add(channels * WIDTH), row.add(channels * WIDTH)) };
        let mut scores = [shared; N];
        for _ in 0..channels {
            // SAFETY: the caller's.
            unsafe {
                let seen = sums::<S, VECTORS>(simd, column, row);
                for (map, scores) in scores.iter_mut().enumerate() {
                    let value = simd.splat_f32s(*memory.add(map));
                    for (score, seen) in scores.iter_mut().zip(seen) {
                        *score = simd.mul_add_e_f32s(value, seen, *score);
                    }
                }
            }
            (memory, column, row) = (memory.wrapping_add(N), column.wrapping_add(WIDTH), row.wrapping_add(WIDTH));
        }
        let out = out.as_mut_ptr();
        for (map, scores) in scores.into_iter().enumerate() {
            for (i, score) in scores.into_iter().enumerate() {
                // SAFETY: the caller's.
                unsafe { out.add(map * WIDTH + i * S::F32_LANES).cast::<S::f32s>().write_unaligned(score) };
            }
        }
        VECTORS
    }
}

/// Some registers of one panel plus those of another.
#[inline(always)]
unsafe fn sums<S: Simd, const VECTORS: usize>(simd: S, a: *const f32, b: *const f32) -> [S::f32s; VECTORS] {
    std::array::from_fn(|i| {
        let at = i * S::F32_LANES;
        // SAFETY: the caller's.
        let [a, b] = unsafe { [a.add(at), b.add(at)].map(|p| p.cast::<S::f32s>().read_unaligned()) };
        simd.add_f32s(a, b)
    })
}

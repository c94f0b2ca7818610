//! The innermost loops.

use std::arch::x86_64::*;

use super::{COLUMNS, are_known};

/// Most rows of a tile: with two registers each, and those of the factors, all 32 registers are in use.
pub const ROWS: usize = 12;

/// One tile of a product.
#[derive(Clone, Copy)]
pub struct Tile<'a> {
    /// Rows of the left factor, `stride` words apart.
    pub left: &'a [u32],
    /// Words between rows of the left factor.
    pub stride: usize,
    /// Rows of the tile, 1 to [`ROWS`].
    pub rows: usize,
    /// The right factor: [`COLUMNS`] words for each word of a row of the left factor.
    pub panel: &'a [u32],
    /// Columns of the tile, at most [`COLUMNS`].
    pub columns: usize,
    /// Whether the product is added to what is there.
    pub add: bool,
}

impl Tile<'_> {
    /// Writes the tile to the start of `out`, whose rows are `out_stride` floats apart.
    ///
    /// # Panics
    /// If a factor or `out` is too short, or the processor lacks the instructions.
    pub fn multiply(self, out: &mut [f32], out_stride: usize) {
        let depth = self.panel.len() / COLUMNS;
        assert!(are_known() && (1..=ROWS).contains(&self.rows) && self.columns <= COLUMNS);
        assert!((self.rows - 1) * self.stride + depth <= self.left.len());
        assert!((self.rows - 1) * out_stride + self.columns <= out.len());
        let (left, panel, out) = (self.left.as_ptr(), self.panel.as_ptr(), out.as_mut_ptr());
        let run = run(self.rows);
        // SAFETY: the processor has the instructions, which was just asked. Reads of `left` go up to `(rows - 1) * stride + depth`,
        // those of `panel` to `depth * COLUMNS`, and `out` is read and written at `columns` places of `rows` rows: all inside of the
        // slices by the assertions. `out` overlaps nothing, being borrowed mutably.
        unsafe { run(left, self.stride, panel, depth, out, out_stride, self.columns, self.add) }
    }
}

type Run = unsafe fn(*const u32, usize, *const u32, usize, *mut f32, usize, usize, bool);

/// The compiled loop for each number of rows.
fn run(rows: usize) -> Run {
    match rows {
        1 => multiply::<1>,
        2 => multiply::<2>,
        3 => multiply::<3>,
        4 => multiply::<4>,
        5 => multiply::<5>,
        6 => multiply::<6>,
        7 => multiply::<7>,
        8 => multiply::<8>,
        9 => multiply::<9>,
        10 => multiply::<10>,
        11 => multiply::<11>,
        _ => multiply::<12>,
    }
}

/// # Safety
/// As [`Tile::multiply`] says, and `ROWS` is the number of rows.
#[target_feature(enable = "avx512f,avx512bf16")]
#[expect(clippy::too_many_arguments, reason = "a tile, as pointers")]
unsafe fn multiply<const ROWS: usize>(
    left: *const u32,
    stride: usize,
    panel: *const u32,
    depth: usize,
    out: *mut f32,
    out_stride: usize,
    columns: usize,
    add: bool,
) {
    let mut sums = [[_mm512_setzero_ps(); 2]; ROWS];
    for word in 0..depth {
        // SAFETY: `word < depth`, and the caller has vouched for `depth` words of each row and panel.
        let right = unsafe {
            let row = panel.add(word * COLUMNS).cast::<__m512i>();
            [_mm512_loadu_si512(row), _mm512_loadu_si512(row.add(1))]
        };
        for (row, sums) in sums.iter_mut().enumerate() {
            // SAFETY: as above, for `row < ROWS`.
            let pair = _mm512_set1_epi32(unsafe { *left.add(row * stride + word) }.cast_signed());
            for (sum, right) in sums.iter_mut().zip(right) {
                *sum = _mm512_dpbf16_ps(*sum, pairs(pair), pairs(right));
            }
        }
    }
    for (row, sums) in sums.into_iter().enumerate() {
        for (half, sum) in sums.into_iter().enumerate() {
            let mask = first(columns.saturating_sub(16 * half));
            // SAFETY: the mask leaves out what is beyond `columns`.
            unsafe {
                let at = out.add(row * out_stride).wrapping_add(16 * half);
                let before = if add { _mm512_maskz_loadu_ps(mask, at) } else { _mm512_setzero_ps() };
                _mm512_mask_storeu_ps(at, mask, _mm512_add_ps(before, sum));
            }
        }
    }
}

/// The same bits as 32 numbers.
fn pairs(words: __m512i) -> __m512bh {
    // SAFETY: both are 512 bits without any invalid pattern.
    unsafe { std::mem::transmute(words) }
}

/// The first `count` of 16.
fn first(count: usize) -> __mmask16 {
    if count >= 16 { !0 } else { (1 << count) - 1 }
}

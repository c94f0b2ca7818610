//! Output buffers filled in parallel, and scratch memory that outlives a task.

use rayon::prelude::*;
use std::cell::Cell;
use std::mem::MaybeUninit;

/// Floats that a task of memory-bound work handles: 64 KiB, well inside a second-level cache.
pub const BLOCK: usize = 1 << 14;

/// Makes a vector of `len` floats, `fill(i, block)` writing the `i`-th block of `block` floats, in parallel.
///
/// Blocks arrive zeroed. Each is zeroed by its own task right before `fill`, while it is in the cache,
/// which costs a fraction of zeroing the whole vector first.
pub fn build(len: usize, block: usize, fill: impl Fn(usize, &mut [f32]) + Sync) -> Vec<f32> {
    let mut out = Vec::with_capacity(len);
    out.spare_capacity_mut()[..len]
        .par_chunks_mut(block.max(1))
        .enumerate()
        .for_each(|(index, chunk)| fill(index, zeroed(chunk)));
    // SAFETY: the chunks cover exactly the first `len` slots of the spare capacity, and `zeroed` has written each of
    // them: a panic in any task would have left this function before this line.
    unsafe { out.set_len(len) };
    out
}

/// Writes zeros everywhere and hands the memory out as initialised.
fn zeroed(chunk: &mut [MaybeUninit<f32>]) -> &mut [f32] {
    chunk.fill(MaybeUninit::new(0.0));
    // SAFETY: every element was written just above, and `MaybeUninit<f32>` has the layout of `f32`.
    unsafe { &mut *(chunk as *mut [MaybeUninit<f32>] as *mut [f32]) }
}

/// Pieces of a task out of `count`, at most `most`, so that all threads get as many.
pub fn equal_share(count: usize, most: usize) -> usize {
    let threads = rayon::current_num_threads();
    count.div_ceil(threads * count.div_ceil(threads * most).max(1)).max(1)
}

/// Rows per task so that a task touches about [`BLOCK`] floats.
pub fn rows_per_block(row: usize) -> usize {
    (BLOCK / row.max(1)).max(1)
}

/// Cuts memory into pieces of these lengths, which follow each other; what is left behind them is not given out.
///
/// # Panics
/// If there is not enough.
pub fn cut<const PIECES: usize>(mut memory: &mut [f32], lengths: [usize; PIECES]) -> [&mut [f32]; PIECES] {
    lengths.map(|length| {
        let (piece, rest) = std::mem::take(&mut memory).split_at_mut(length);
        memory = rest;
        piece
    })
}

thread_local! {
    static SCRATCH: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
}

/// Floats in a line of the cache.
const LINE: usize = 16;

/// Calls `work` with `len` floats of arbitrary content, kept by the thread for the next call.
///
/// A fresh allocation of this size for every task would be returned to the system and faulted in again.
pub fn with_scratch<T>(len: usize, work: impl FnOnce(&mut [f32]) -> T) -> T {
    let mut memory = SCRATCH.take();
    if memory.len() < len + LINE {
        memory.resize(len + LINE, 0.0);
    }
    // Registers of 64 bytes that lie across two lines of the cache take twice as long to load and to store.
    let start = memory.as_ptr().align_offset(LINE * size_of::<f32>()).min(LINE);
    let result = work(&mut memory[start..start + len]);
    SCRATCH.set(memory);
    result
}

//! Matrix products of bfloat16 in tiles that stay in the 512-bit registers of x86 processors with AVX512-BF16.
//!
//! Both factors are seen as words of 32 bits, pairs of numbers that follow each other in the dimension that is summed over: one
//! instruction multiplies both of 16 pairs and adds them to 16 f32. The right factor is [packed](pack) once for all threads: its
//! columns in panels of 32, one row of pairs after the other, so that a tile of the result reads it straight through. The left factor
//! is read row by row.
//!
//! There are no such tiles for f32: they come to the same 90 % of what the processor can do as the `gemm` crate.

#[cfg(target_arch = "x86_64")]
mod kernel;
mod left;
mod pack;
mod panels;
#[cfg(test)]
mod tests;

pub use left::{Left, narrow};
pub use pack::{Source, pack, pack_into};
pub use panels::Panels;

/// Columns in a panel: two registers of f32.
const COLUMNS: usize = 32;

/// Words that hold `count` numbers; the last one may be half empty.
pub fn words(count: usize) -> usize {
    count.div_ceil(2)
}

/// Whether this processor has the instructions.
#[cfg(target_arch = "x86_64")]
pub fn are_known() -> bool {
    std::arch::is_x86_feature_detected!("avx512f") && std::arch::is_x86_feature_detected!("avx512bf16")
}

/// Whether this processor has the instructions.
#[cfg(not(target_arch = "x86_64"))]
pub fn are_known() -> bool {
    false
}

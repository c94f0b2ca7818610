//! Position encodings. All of them depend on the configuration alone, so they are worked out once, on the host.

mod random;
mod rope;
mod sine;

pub(crate) use random::RandomPosition;
pub(crate) use rope::{RopeTables, rope_permutation};
pub(crate) use sine::{sine_1d, sine_2d};

//! Attention with queries side by side, each in a lane of its own.
//!
//! Scores of a block of keys are a panel: a row for each key, [`WIDTH`] queries in it. Keys and values are read where they lie, one number at a
//! time for all lanes, and what is largest or summed up over keys never crosses lanes.

mod attention;
mod product;
mod softmax;
mod turn;

pub use attention::Look;
pub use product::Product;
pub use softmax::{Running, Weigh};
pub use turn::{finish, turn};

/// Lanes of a panel: three 512-bit registers of f32, so that with eight rows of sums 24 of 32 registers are in use.
pub const WIDTH: usize = 48;

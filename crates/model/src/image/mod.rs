//! Image work on the host: preparing pictures and prompt masks, bringing masks back to picture size. No Burn types.
//!
//! Maps are row-major. Each resize follows one of the reference's, down to rounding where results are integers:
//! pictures Pillow's ([`resize`]), prompt masks and logits PyTorch's ([`antialias`], [`bilinear`], [`bicubic`]).

pub mod antialias;
pub mod bicubic;
pub mod bilinear;
pub mod columns;
pub(crate) mod filter;
pub mod normalise;
pub mod resize;

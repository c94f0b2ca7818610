//! The kernels of the CPU backend, over slices and strided views; no Burn types here.
//!
//! Work is split over the current rayon pool. Inner loops are written plainly and compiled for the
//! vector units found at run time (see [`vector`]). Matrix products go to the `gemm` crate, those of bfloat16 to [`tiles`].

pub mod attention;
pub mod bf16;
pub mod buffer;
pub mod conv;
pub mod depthwise;
pub mod feed_forward;
pub mod gelu;
#[cfg(test)]
mod instruction_set_tests;
pub mod lanes;
pub mod layer_norm;
pub mod linear;
pub mod look_back;
pub mod matrix;
pub mod mix;
pub mod narrow;
pub mod pixels;
pub mod product;
pub mod repeat;
pub mod rope;
pub mod rows;
pub mod sigmoid;
pub mod softmax;
pub mod tiles;
pub mod vector;
pub mod windows;

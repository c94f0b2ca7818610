//! Every block of the network against what the official PyTorch code makes of the same weights and inputs, on the CPU.

mod decoder;
mod fixture;
mod heads;
mod image_encoder;
mod image_ops;
mod memory_attention;
mod memory_encoder;
mod positions;
mod prompt_encoder;
mod trunk;

/// Greatest error of a block, as a fraction of the greatest value.
const TOLERANCE: f32 = 1e-4;

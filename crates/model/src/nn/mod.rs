//! Building blocks that the parts of the network share, each loaded from a checkpoint under its official name.

mod attention;
mod conv;
mod feed_forward;
mod linear;
mod mlp;
mod norm;
mod weights;

pub(crate) use attention::Attention;
pub(crate) use conv::{Conv2d, TransposedConv2x2};
pub(crate) use feed_forward::FeedForward;
pub(crate) use linear::{Host, Linear, transpose};
pub(crate) use mlp::Mlp;
pub(crate) use norm::LayerNorm;
pub use weights::{TensorSource, Weights};

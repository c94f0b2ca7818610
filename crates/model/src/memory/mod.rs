//! What a frame remembers of the ones before it: attention over the memory bank (`modeling/memory_attention.py`) and the making of
//! new memories (`modeling/memory_encoder.py`). Which memories are kept is not decided here.

mod attention;
pub(crate) mod encoder;
pub(crate) mod layer;
mod pointers;

pub(crate) use attention::{MemoryAttention, MemoryTokens};
pub(crate) use encoder::MemoryEncoder;
pub(crate) use pointers::PointerEncoder;

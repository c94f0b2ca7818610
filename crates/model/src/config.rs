//! What tells one member of the SAM 2 family from another, and what follows from it.
//!
//! A [`ModelConfig`] is read from the `config` metadata of a `.safetensors` file, recognised from the tensors of an
//! official checkpoint, or made by [`ModelConfig::official`]. [`ModelConfig::validate`] has to pass before anything is
//! allocated from it; the derived values take a validated config for granted.
//!
//! Followed: the official `sam2` package 1.1.0, `configs/{sam2,sam2.1}/*.yaml` and `modeling/`.

mod official;
mod table;
mod validate;

use serde::{Deserialize, Serialize};

pub use official::Size;
pub use table::TensorSpec;
pub use validate::ConfigError;

/// Stages of the Hiera trunk; the pyramid, the neck and the checkpoint format all count on four.
pub const STAGES: usize = 4;

/// Pixels of the image per cell of the map that memory and prompts work on, along each side.
pub const FEATURE_STRIDE: usize = 16;

/// Pixels of the image per cell of the finest pyramid level, which is also the stride of the mask logits.
pub const LOGIT_STRIDE: usize = 4;

/// Channels of the last stage of the mask down-sampler and of the hidden layers of the IoU head: constants of the
/// official code that do not follow `d_model`.
pub const FIXED_HIDDEN: usize = 256;

/// A generation of SAM 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Family {
    /// The release of July 2024.
    #[serde(rename = "sam2")]
    Sam2,
    /// The release of September 2024.
    #[serde(rename = "sam2.1")]
    Sam21,
}

impl Family {
    /// Whether a learned vector is added to the memory of a frame on which the object is not seen.
    pub fn no_obj_embed_spatial(self) -> bool {
        self == Self::Sam21
    }

    /// Whether object pointers carry an encoding of how long ago they were made.
    pub fn add_tpos_enc_to_obj_ptrs(self) -> bool {
        self == Self::Sam21
    }

    /// Whether that encoding is made at `d_model` channels and projected to `mem_dim` by a learned layer.
    pub fn proj_tpos_enc_in_obj_ptrs(self) -> bool {
        self == Self::Sam21
    }

    /// Whether the distance in time keeps its sign.
    pub fn use_signed_tpos_enc_to_obj_ptrs(self) -> bool {
        self == Self::Sam21
    }

    /// `sam2` or `sam2.1`, as in file names and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sam2 => "sam2",
            Self::Sam21 => "sam2.1",
        }
    }
}

impl std::fmt::Display for Family {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The Hiera image encoder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrunkConfig {
    /// Channels of the first stage; each further stage doubles them.
    pub embed_dim: usize,
    /// Attention heads of the first stage; each further stage doubles them.
    pub num_heads: usize,
    /// Blocks per stage.
    pub stages: [usize; STAGES],
    /// Indices of the blocks that attend over the whole map instead of over windows.
    pub global_att_blocks: Vec<usize>,
    /// Side of the attention window of each stage, in cells. The first block of a stage still uses the side of the
    /// stage before.
    pub window_spec: [usize; STAGES],
    /// Height and width of the learned background position embedding, which is resized to the map.
    pub window_pos_embed_bkg_spatial_size: [usize; 2],
    /// Number of stage borders at which the map is halved.
    pub q_pool: usize,
}

/// The transformer that conditions a frame on the memory bank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemoryAttentionConfig {
    /// Layers, each with self attention, cross attention and a feed-forward part.
    pub num_layers: usize,
    /// Hidden channels of the feed-forward part.
    pub dim_feedforward: usize,
    /// Heads of both attentions: 1 in every published member, and the only number that is supported.
    pub num_heads: usize,
}

/// The two-way transformer of the mask decoder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaskDecoderConfig {
    /// Hidden channels of the feed-forward part.
    pub mlp_dim: usize,
    /// Heads of every attention.
    pub num_heads: usize,
    /// Layers.
    pub depth: usize,
}

/// Everything that defines a member of the family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
    /// Generation.
    pub family: Family,
    /// Short name for people, such as `tiny` or `nano`.
    pub name: String,
    /// Side of the square the image is resized to, in pixels.
    pub image_size: usize,
    /// Image encoder.
    pub trunk: TrunkConfig,
    /// Channels of the pyramid, of memory attention and of the decoder.
    pub d_model: usize,
    /// Channels of a memory.
    pub mem_dim: usize,
    /// Memory attention.
    pub memory_attention: MemoryAttentionConfig,
    /// Mask decoder.
    pub mask_decoder: MaskDecoderConfig,
    /// Memory slots: the prompted frames and the recent ones.
    pub num_maskmem: usize,
    /// Most object pointers that memory attention looks at.
    pub max_obj_ptrs: usize,
}

/// One block of the trunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockSpec {
    /// Stage it belongs to, from 0.
    pub stage: usize,
    /// Channels that come in.
    pub dim_in: usize,
    /// Channels that go out; where they differ from `dim_in`, the block has a projection on its skip path.
    pub dim_out: usize,
    /// Attention heads.
    pub num_heads: usize,
    /// Side of the attention window in cells of the incoming map; `None` for attention over the whole map.
    pub window: Option<usize>,
    /// Whether queries (and the skip path) are max-pooled 2x2, which halves the map.
    pub pools: bool,
}

impl ModelConfig {
    /// `sam2.1-tiny` and the like: family and name as users write them.
    pub fn full_name(&self) -> String {
        format!("{}-{}", self.family, self.name)
    }

    /// Cells along a side of the map that memory attention and the decoder work on.
    pub fn feature_grid(&self) -> usize {
        self.image_size / FEATURE_STRIDE
    }

    /// Cells along a side of the low-resolution mask logits, and of a mask prompt.
    pub fn logit_size(&self) -> usize {
        self.image_size / LOGIT_STRIDE
    }

    /// Channels that each stage of the trunk puts out, finest first.
    pub fn stage_dims(&self) -> [usize; STAGES] {
        std::array::from_fn(|stage| self.trunk.embed_dim << stage)
    }

    /// Cells along a side of what each stage puts out, finest first.
    pub fn stage_grids(&self) -> [usize; STAGES] {
        std::array::from_fn(|stage| (self.image_size / LOGIT_STRIDE) >> stage.min(self.trunk.q_pool))
    }

    /// Blocks of the trunk.
    pub fn num_blocks(&self) -> usize {
        self.trunk.stages.iter().sum()
    }

    /// Every block of the trunk in order.
    pub fn blocks(&self) -> Vec<BlockSpec> {
        let trunk = &self.trunk;
        let dims = self.stage_dims();
        let mut blocks = Vec::with_capacity(self.num_blocks());
        for (stage, &count) in trunk.stages.iter().enumerate() {
            for place in 0..count {
                let opens = place == 0 && stage > 0;
                let before = if opens { stage - 1 } else { stage };
                let global = trunk.global_att_blocks.contains(&blocks.len());
                blocks.push(BlockSpec {
                    stage,
                    dim_in: dims[before],
                    dim_out: dims[stage],
                    num_heads: trunk.num_heads << stage,
                    window: (!global).then_some(trunk.window_spec[before]),
                    pools: opens && stage <= trunk.q_pool,
                });
            }
        }
        blocks
    }

    /// Tokens of `mem_dim` channels that one object pointer of `d_model` channels is cut into.
    pub fn tokens_per_obj_ptr(&self) -> usize {
        self.d_model / self.mem_dim
    }

    /// Numbers in all tensors of [`ModelConfig::tensor_table`].
    pub fn parameter_count(&self) -> u64 {
        self.tensor_table().iter().map(TensorSpec::elements).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_that_open_a_stage_keep_the_window_of_the_stage_before() {
        let blocks = ModelConfig::official(Family::Sam21, Size::Large).blocks();
        let opening = blocks[44];
        assert_eq!((opening.stage, opening.dim_in, opening.dim_out, opening.num_heads), (3, 576, 1152, 16));
        assert_eq!((opening.window, opening.pools), (Some(16), true));
        assert_eq!((blocks[45].window, blocks[45].pools), (Some(8), false));
        assert_eq!(blocks[43].window, None);
        assert_eq!(blocks.iter().filter(|block| block.pools).count(), 3);
    }

    #[test]
    fn derived_sizes_are_those_of_the_official_input() {
        let config = ModelConfig::official(Family::Sam2, Size::Tiny);
        assert_eq!(config.stage_dims(), [96, 192, 384, 768]);
        assert_eq!(config.stage_grids(), [256, 128, 64, 32]);
        assert_eq!((config.feature_grid(), config.logit_size(), config.tokens_per_obj_ptr()), (64, 256, 4));
    }
}

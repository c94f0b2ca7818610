//! The eight published members.

use super::{Family, MaskDecoderConfig, MemoryAttentionConfig, ModelConfig, TrunkConfig};
use serde::{Deserialize, Serialize};

/// The four published sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Size {
    /// 39 M parameters.
    Tiny,
    /// 46 M parameters.
    Small,
    /// 81 M parameters.
    BasePlus,
    /// 224 M parameters.
    Large,
}

impl Size {
    /// Smallest first.
    pub const ALL: [Self; 4] = [Self::Tiny, Self::Small, Self::BasePlus, Self::Large];

    /// `tiny`, `small`, `base-plus` or `large`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tiny => "tiny",
            Self::Small => "small",
            Self::BasePlus => "base-plus",
            Self::Large => "large",
        }
    }

    fn trunk(self) -> TrunkConfig {
        let (embed_dim, num_heads, stages, global_att_blocks) = match self {
            Self::Tiny => (96, 1, [1, 2, 7, 2], [5, 7, 9]),
            Self::Small => (96, 1, [1, 2, 11, 2], [7, 10, 13]),
            Self::BasePlus => (112, 2, [2, 3, 16, 3], [12, 16, 20]),
            Self::Large => (144, 2, [2, 6, 36, 4], [23, 33, 43]),
        };
        let (window_spec, background) = match self {
            Self::Large => ([8, 4, 16, 8], 7),
            Self::BasePlus => ([8, 4, 14, 7], 14),
            Self::Tiny | Self::Small => ([8, 4, 14, 7], 7),
        };
        TrunkConfig {
            embed_dim,
            num_heads,
            stages,
            global_att_blocks: global_att_blocks.to_vec(),
            window_spec,
            window_pos_embed_bkg_spatial_size: [background; 2],
            q_pool: 3,
        }
    }
}

impl ModelConfig {
    /// A published member.
    pub fn official(family: Family, size: Size) -> Self {
        Self {
            family,
            name: size.as_str().to_owned(),
            image_size: 1024,
            trunk: size.trunk(),
            d_model: 256,
            mem_dim: 64,
            memory_attention: MemoryAttentionConfig { num_layers: 4, dim_feedforward: 2048, num_heads: 1 },
            mask_decoder: MaskDecoderConfig { mlp_dim: 2048, num_heads: 8, depth: 2 },
            num_maskmem: 7,
            max_obj_ptrs: 16,
        }
    }
}

//! Bounds on a config, so that hostile metadata can neither divide by zero nor ask for all memory.

use super::{LOGIT_STRIDE, ModelConfig, STAGES};

/// More numbers than any sane member has; the largest published one has 224 million.
pub const MAX_PARAMETERS: u64 = 1_000_000_000;

const MAX_IMAGE_SIZE: usize = 2048;
const MAX_WIDTH: usize = 1024;
const MAX_HIDDEN: usize = 16_384;
const MAX_HEADS: usize = 64;
const MAX_STAGE_BLOCKS: usize = 64;
const MAX_LAYERS: usize = 32;
const MAX_NAME: usize = 64;

/// A value of a [`ModelConfig`] that no working model can have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("model config: `{field}` is {found}; it has to be {expected}")]
pub struct ConfigError {
    /// The field, as a path in the JSON.
    pub field: &'static str,
    /// What it holds.
    pub found: String,
    /// What would be accepted.
    pub expected: String,
}

type Checked = Result<(), ConfigError>;

fn ensure(holds: bool, field: &'static str, found: impl std::fmt::Debug, expected: impl Into<String>) -> Checked {
    if holds { Ok(()) } else { Err(ConfigError { field, found: format!("{found:?}"), expected: expected.into() }) }
}

fn within(value: usize, low: usize, high: usize, field: &'static str) -> Checked {
    ensure((low..=high).contains(&value), field, value, format!("from {low} to {high}"))
}

fn multiple(value: usize, of: usize, field: &'static str, why: &str) -> Checked {
    ensure(of != 0 && value.is_multiple_of(of), field, value, format!("a multiple of {of}{why}"))
}

impl ModelConfig {
    /// Checks that a model can be built from these values, within bounds that no published member comes near.
    ///
    /// # Errors
    /// [`ConfigError`] names the first field that is out of bounds or does not fit the others.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.check_name()?;
        self.check_trunk_shape()?;
        self.check_windows()?;
        self.check_image_size()?;
        self.check_widths()?;
        self.check_memory()?;
        self.check_decoder()?;
        let parameters = self.parameter_count();
        ensure(
            parameters <= MAX_PARAMETERS,
            "trunk, d_model, ...",
            format_args!("a model of {parameters} parameters"),
            format!("at most {MAX_PARAMETERS} parameters"),
        )
    }

    fn check_name(&self) -> Checked {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+');
        let fits = (1..=MAX_NAME).contains(&self.name.len()) && self.name.chars().all(plain);
        let shown: String = self.name.chars().take(MAX_NAME).collect();
        ensure(fits, "name", shown, format!("1 to {MAX_NAME} of the characters a-z A-Z 0-9 - _ . +"))
    }

    fn check_trunk_shape(&self) -> Checked {
        let trunk = &self.trunk;
        within(trunk.embed_dim, 4, MAX_WIDTH / 2, "trunk.embed_dim")?;
        within(trunk.num_heads, 1, MAX_HEADS, "trunk.num_heads")?;
        multiple(trunk.embed_dim, trunk.num_heads, "trunk.embed_dim", ", its number of heads")?;
        for blocks in trunk.stages {
            within(blocks, 1, MAX_STAGE_BLOCKS, "trunk.stages[..]")?;
        }
        // The neck adds each level, doubled in size, to the next finer one: with fewer halvings the sizes differ.
        ensure(trunk.q_pool == STAGES - 1, "trunk.q_pool", trunk.q_pool, "3: every stage halves the map")?;
        let blocks = self.num_blocks();
        ensure(
            trunk.global_att_blocks.len() <= blocks && trunk.global_att_blocks.iter().all(|&index| index < blocks),
            "trunk.global_att_blocks",
            format_args!("{:?} with {blocks} blocks", trunk.global_att_blocks.iter().take(blocks).collect::<Vec<_>>()),
            "indices of blocks that exist",
        )?;
        for side in trunk.window_pos_embed_bkg_spatial_size {
            within(side, 1, 64, "trunk.window_pos_embed_bkg_spatial_size[..]")?;
        }
        Ok(())
    }

    fn check_windows(&self) -> Checked {
        for side in self.trunk.window_spec {
            within(side, 1, 64, "trunk.window_spec[..]")?;
        }
        // The block that pools works in the windows of the stage before and halves them.
        for &side in &self.trunk.window_spec[..STAGES - 1] {
            multiple(side, 2, "trunk.window_spec[0..3]", ": windows are halved where the map is")?;
        }
        Ok(())
    }

    fn check_image_size(&self) -> Checked {
        within(self.image_size, 64, MAX_IMAGE_SIZE, "image_size")?;
        multiple(self.image_size, 32, "image_size", ": the coarsest map has one cell per 32 pixels")?;
        let tile = LOGIT_STRIDE * self.trunk.window_spec[0];
        multiple(self.image_size, tile, "image_size", ": the window position embedding is tiled over the finest map")
    }

    fn check_widths(&self) -> Checked {
        within(self.d_model, 16, MAX_WIDTH, "d_model")?;
        multiple(self.d_model, 8, "d_model", ": the decoder ends with an eighth of the channels")?;
        within(self.mem_dim, 4, MAX_WIDTH, "mem_dim")?;
        multiple(self.mem_dim, 4, "mem_dim", ": sine and cosine of x and of y")?;
        multiple(self.d_model, self.mem_dim, "d_model", ", mem_dim: object pointers are cut into memory tokens")
    }

    fn check_memory(&self) -> Checked {
        let attention = &self.memory_attention;
        within(attention.num_layers, 1, MAX_LAYERS, "memory_attention.num_layers")?;
        within(attention.dim_feedforward, 1, MAX_HIDDEN, "memory_attention.dim_feedforward")?;
        let heads = attention.num_heads;
        ensure(heads == 1, "memory_attention.num_heads", heads, "1: both attentions to memories have a single head")?;
        within(self.num_maskmem, 1, 32, "num_maskmem")?;
        within(self.max_obj_ptrs, 1, 256, "max_obj_ptrs")
    }

    fn check_decoder(&self) -> Checked {
        let decoder = &self.mask_decoder;
        within(decoder.mlp_dim, 1, MAX_HIDDEN, "mask_decoder.mlp_dim")?;
        within(decoder.num_heads, 1, MAX_HEADS, "mask_decoder.num_heads")?;
        within(decoder.depth, 1, MAX_LAYERS, "mask_decoder.depth")?;
        let halved = 2 * decoder.num_heads;
        multiple(self.d_model, halved, "d_model", ": cross attention of the decoder spreads half the channels on heads")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Family, Size};

    #[test]
    fn official_members_are_valid() {
        for family in [Family::Sam2, Family::Sam21] {
            for size in Size::ALL {
                ModelConfig::official(family, size).validate().unwrap();
            }
        }
    }

    #[test]
    fn a_model_of_too_many_numbers_is_refused_although_each_field_is_in_bounds() {
        let mut config = ModelConfig::official(Family::Sam21, Size::Large);
        config.trunk.embed_dim = 512;
        let error = config.validate().unwrap_err();
        assert!(error.expected.contains("parameters"), "{error}");
    }
}

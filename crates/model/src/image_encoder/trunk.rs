use burn_tensor::Tensor;

use super::block::Block;
use crate::config::{ModelConfig, STAGES};
use crate::image::bicubic::resize_bicubic;
use crate::nn::{Conv2d, Weights};
use crate::{Kernels, ModelError, taps};

/// What each stage of the trunk puts out, finest first, `[batch, height, width, channels]`.
pub(crate) type Stages<B> = [Tensor<B, 4>; STAGES];

/// Hiera (<https://arxiv.org/abs/2306.00989>; `modeling/backbones/hieradet.py`).
#[derive(Debug)]
pub(crate) struct Trunk<B: Kernels> {
    patch_embed: Conv2d<B>,
    /// `[1, height, width, channels]`
    position: Tensor<B, 4>,
    stages: [Vec<Block<B>>; STAGES],
}

impl<B: Kernels> Trunk<B> {
    pub(crate) fn load(weights: &Weights<B>, config: &ModelConfig) -> Result<Self, ModelError> {
        let mut stages: [Vec<Block<B>>; STAGES] = Default::default();
        let blocks = weights.child("blocks");
        for (index, spec) in config.blocks().into_iter().enumerate() {
            // `BlockSpec::stage` is below `STAGES` by construction.
            stages[spec.stage].push(Block::load(&blocks.child(index), spec)?);
        }
        Ok(Self {
            patch_embed: Conv2d::load(&weights.child("patch_embed.proj"), [3, config.trunk.embed_dim], [7, 4, 3])?,
            position: position_embedding(weights, config)?,
            stages,
        })
    }

    pub(crate) fn forward(&self, image: Tensor<B, 4>) -> Stages<B> {
        let x = self.patch_embed.forward(image);
        taps::record("image_encoder.trunk.patch_embed", &x);
        let [first, second, third, fourth] = &self.stages;
        let first_out = run(first, 0, x + self.position.clone());
        let second_out = run(second, first.len(), first_out.clone());
        let third_out = run(third, first.len() + second.len(), second_out.clone());
        let fourth_out = run(fourth, first.len() + second.len() + third.len(), third_out.clone());
        [first_out, second_out, third_out, fourth_out]
    }
}

/// Goes through the blocks of a stage, the first of which has number `index`. Nobody else holds what one block hands to the next.
fn run<B: Kernels>(blocks: &[Block<B>], index: usize, x: Tensor<B, 4>) -> Tensor<B, 4> {
    blocks.iter().enumerate().fold(x, |x, (i, block)| {
        let x = block.forward(x);
        taps::record(&format!("image_encoder.trunk.blocks.{}", index + i), &x);
        x
    })
}

/// The learned background, resized to the map, plus the learned window, tiled over it
/// (<https://arxiv.org/abs/2311.05613>; `Hiera._get_pos_embed`).
pub(crate) fn position_embedding<B: Kernels>(
    weights: &Weights<B>,
    config: &ModelConfig,
) -> Result<Tensor<B, 4>, ModelError> {
    let grid = config.logit_size();
    let channels = config.trunk.embed_dim;
    let [height, width] = config.trunk.window_pos_embed_bkg_spatial_size;
    let side = config.trunk.window_spec[0];
    let background = weights.host("pos_embed", &[1, channels, height, width])?;
    let window = weights.host("pos_embed_window", &[1, channels, side, side])?;
    let background = resize_bicubic(background, [height, width], [grid, grid]);
    let mut values = Vec::with_capacity(grid * grid * channels);
    for y in 0..grid {
        for x in 0..grid {
            values.extend(
                (0..channels)
                    .map(|c| background[(c * grid + y) * grid + x] + window[(c * side + y % side) * side + x % side]),
            );
        }
    }
    Ok(weights.upload(values, [1, grid, grid, channels]))
}

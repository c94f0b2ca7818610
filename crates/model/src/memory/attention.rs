use burn_tensor::Tensor;

use super::layer::Layer;
use crate::config::ModelConfig;
use crate::nn::{LayerNorm, Weights};
use crate::position::{RopeTables, sine_2d};
use crate::{Kernels, ModelError, taps};

/// How much of the map's own position encoding is added to it before the first layer (`pos_enc_at_input`).
const INPUT_POSITION: f32 = 0.1;

/// Memory tokens of a batch of objects.
pub(crate) struct MemoryTokens<B: Kernels> {
    /// `[objects, tokens, mem_dim]`: whole maps first, then the tokens of object pointers.
    pub(crate) values: Tensor<B, 3>,
    /// Position of each token, added to keys only; a batch of 1 serves all objects.
    pub(crate) positions: Tensor<B, 3>,
    /// How many of the tokens, at the end, come from pointers and have no place in the image.
    pub(crate) pointer_tokens: usize,
}

/// Conditions the map of a frame on memories (`MemoryAttention`).
#[derive(Debug)]
pub(crate) struct MemoryAttention<B: Kernels> {
    layers: Vec<Layer<B>>,
    norm: LayerNorm<B>,
    rope: RopeTables<B>,
    /// `[1, grid * grid, d_model]`, already scaled.
    input_position: Tensor<B, 3>,
}

impl<B: Kernels> MemoryAttention<B> {
    pub(crate) fn load(weights: &Weights<B>, config: &ModelConfig) -> Result<Self, ModelError> {
        let channels = config.d_model;
        let grid = config.feature_grid();
        let layers = weights.child("layers");
        let position = sine_2d(grid, channels).into_iter().map(|p| INPUT_POSITION * p).collect();
        Ok(Self {
            layers: (0..config.memory_attention.num_layers)
                .map(|index| Layer::load(&layers.child(index), config))
                .collect::<Result<_, _>>()?,
            norm: LayerNorm::load(&weights.child("norm"), channels, LayerNorm::<B>::EPSILON)?,
            rope: RopeTables::new(weights, grid, channels),
            input_position: weights.upload(position, [1, grid * grid, channels]),
        })
    }

    /// `map` `[1, grid * grid, d_model]` of the frame to `[objects, grid * grid, d_model]`.
    pub(crate) fn forward(&self, map: Tensor<B, 3>, memory: &MemoryTokens<B>) -> Tensor<B, 3> {
        // As long as nothing of a memory has come in, the map is the same for all objects and goes through once.
        let mut x = map + self.input_position.clone();
        for (index, layer) in self.layers.iter().enumerate() {
            x = layer.forward(x, memory, &self.rope);
            taps::record(&format!("memory_attention.layers.{index}"), &x);
        }
        self.norm.forward(x)
    }
}

use burn_tensor::{DType, Tensor};

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
    pub(super) values: Tensor<B, 3>,
    /// The same with the position of each token added: what keys are made of.
    pub(super) located: Tensor<B, 3>,
    /// How many of the tokens, at the end, come from pointers and have no place in the image.
    pub(super) pointer_tokens: usize,
}

impl<B: Kernels> MemoryTokens<B> {
    /// A batch of 1 in `positions` serves all objects.
    pub(crate) fn new(values: Tensor<B, 3>, positions: Tensor<B, 3>, pointer_tokens: usize) -> Self {
        let located = <B as Kernels>::add_shared(values.clone(), positions);
        Self { values, located, pointer_tokens }
    }
}

/// Conditions the map of a frame on memories (`MemoryAttention`).
#[derive(Debug)]
pub(crate) struct MemoryAttention<B: Kernels> {
    layers: Vec<Layer<B>>,
    norm: LayerNorm<B>,
    rope: RopeTables<B>,
    /// `[1, grid * grid, d_model]`, already scaled.
    input_position: Tensor<B, 3>,
    /// Type of what is only multiplied.
    operand: DType,
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
            operand: weights.operand(),
        })
    }

    /// `maps` `[frames, grid * grid, d_model]` to `[objects, grid * grid, d_model]`; `owners` says for each object which of the frames
    /// it is on.
    pub(crate) fn forward(&self, maps: Tensor<B, 3>, owners: &[usize], memory: MemoryTokens<B>) -> Tensor<B, 3> {
        let memory = &self.narrowed(memory);
        let mut x = <B as Kernels>::add_shared(maps, self.input_position.clone());
        for (index, layer) in self.layers.iter().enumerate() {
            x = match index {
                // As long as nothing of a memory has come in, a map is the same for all objects of its frame and goes through once.
                0 => layer.look_back(spread(layer.look_at_itself(x, &self.rope), owners), memory, &self.rope),
                _ => layer.forward(x, memory, &self.rope),
            };
            taps::record(&format!("memory_attention.layers.{index}"), &x);
        }
        self.norm.forward(x)
    }

    /// Memories in the type that all layers multiply.
    fn narrowed(&self, memory: MemoryTokens<B>) -> MemoryTokens<B> {
        if self.operand == memory.values.dtype() {
            return memory;
        }
        let MemoryTokens { values, located, pointer_tokens } = memory;
        MemoryTokens { values: values.cast(self.operand), located: located.cast(self.operand), pointer_tokens }
    }
}

/// A row for each owner; a single frame serves all objects as it is.
fn spread<B: Kernels>(frames: Tensor<B, 3>, owners: &[usize]) -> Tensor<B, 3> {
    if frames.dims()[0] == 1 {
        return frames;
    }
    <B as Kernels>::stack(owners.iter().map(|&owner| frames.clone().narrow(0, owner, 1)).collect())
}

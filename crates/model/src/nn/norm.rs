use burn_tensor::{DType, Tensor};

use super::Weights;
use crate::{Kernels, ModelError};

/// Normalisation over the last dimension; `LayerNorm2d` of the reference is the same on a channels-last map.
#[derive(Debug)]
pub(crate) struct LayerNorm<B: Kernels> {
    weight: Tensor<B, 1>,
    bias: Tensor<B, 1>,
    epsilon: f64,
    /// Type of what is only multiplied next.
    operand: DType,
}

impl<B: Kernels> LayerNorm<B> {
    /// PyTorch's default, used by both transformers.
    pub(crate) const EPSILON: f64 = 1e-5;
    /// Used by the trunk and by every `LayerNorm2d`.
    pub(crate) const EPSILON_SMALL: f64 = 1e-6;

    pub(crate) fn load(weights: &Weights<B>, channels: usize, epsilon: f64) -> Result<Self, ModelError> {
        Ok(Self {
            weight: weights.tensor("weight", [channels])?,
            bias: weights.tensor("bias", [channels])?,
            epsilon,
            operand: weights.operand(),
        })
    }

    /// Scale and shift `[channels]`, what is added to the variance, and the type of what is only multiplied next.
    pub(crate) fn parameters(&self) -> ([Tensor<B, 1>; 2], f64, DType) {
        ([self.weight.clone(), self.bias.clone()], self.epsilon, self.operand)
    }

    pub(crate) fn forward<const D: usize>(&self, x: Tensor<B, D>) -> Tensor<B, D> {
        <B as Kernels>::layer_norm(x, self.weight.clone(), self.bias.clone(), self.epsilon)
    }

    /// The same for what is only multiplied next, and may be of as few bits as the weights are.
    pub(crate) fn forward_operand<const D: usize>(&self, x: Tensor<B, D>) -> Tensor<B, D> {
        <B as Kernels>::layer_norm_as(x, self.weight.clone(), self.bias.clone(), self.epsilon, self.operand)
    }
}

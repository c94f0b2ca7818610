use burn_tensor::Tensor;

use super::{Linear, Weights};
use crate::kernels::Curve;
use crate::{Kernels, ModelError};

/// Linear layers with an activation between them (`MLP` in `modeling/sam2_utils.py`).
#[derive(Debug)]
pub(crate) struct Mlp<B: Kernels> {
    layers: Vec<Linear<B>>,
    curve: Curve,
}

impl<B: Kernels> Mlp<B> {
    /// `widths` from the input to the output: one layer fewer than widths.
    pub(crate) fn load(weights: &Weights<B>, widths: &[usize], curve: Curve) -> Result<Self, ModelError> {
        let layers = weights.child("layers");
        let layers = widths
            .windows(2)
            .enumerate()
            .map(|(i, pair)| Linear::load(&layers.child(i), pair[0], pair[1]))
            .collect::<Result<_, _>>()?;
        Ok(Self { layers, curve })
    }

    pub(crate) fn forward<const D: usize>(&self, x: Tensor<B, D>) -> Tensor<B, D> {
        let Some((last, hidden)) = self.layers.split_last() else { return x };
        last.forward(self.hidden(hidden, x))
    }

    /// `before` plus the result.
    pub(crate) fn forward_add<const D: usize>(&self, x: Tensor<B, D>, before: Tensor<B, D>) -> Tensor<B, D> {
        let Some((last, hidden)) = self.layers.split_last() else { return before + x };
        last.forward_add(self.hidden(hidden, x), before)
    }

    fn hidden<const D: usize>(&self, layers: &[Linear<B>], x: Tensor<B, D>) -> Tensor<B, D> {
        layers.iter().fold(x, |x, layer| layer.forward_operand(x, self.curve))
    }
}

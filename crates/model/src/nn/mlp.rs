use burn_tensor::{Tensor, activation};

use super::{Linear, Weights};
use crate::{Kernels, ModelError};

/// What stands between the layers of an [`Mlp`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activation {
    Gelu,
    Relu,
}

impl Activation {
    pub(crate) fn apply<B: Kernels, const D: usize>(self, x: Tensor<B, D>) -> Tensor<B, D> {
        match self {
            Self::Gelu => <B as Kernels>::gelu(x),
            Self::Relu => activation::relu(x),
        }
    }
}

/// Linear layers with an activation between them (`MLP` in `modeling/sam2_utils.py`).
#[derive(Debug)]
pub(crate) struct Mlp<B: Kernels> {
    layers: Vec<Linear<B>>,
    activation: Activation,
}

impl<B: Kernels> Mlp<B> {
    /// `widths` from the input to the output: one layer fewer than widths.
    pub(crate) fn load(weights: &Weights<B>, widths: &[usize], activation: Activation) -> Result<Self, ModelError> {
        let layers = weights.child("layers");
        let layers = widths
            .windows(2)
            .enumerate()
            .map(|(i, pair)| Linear::load(&layers.child(i), pair[0], pair[1]))
            .collect::<Result<_, _>>()?;
        Ok(Self { layers, activation })
    }

    pub(crate) fn forward<const D: usize>(&self, mut x: Tensor<B, D>) -> Tensor<B, D> {
        for (i, layer) in self.layers.iter().enumerate() {
            x = layer.forward(x);
            if i + 1 < self.layers.len() {
                x = self.activation.apply(x);
            }
        }
        x
    }
}

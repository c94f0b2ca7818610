use burn_tensor::Tensor;

use super::{LayerNorm, Linear};
use crate::Kernels;
use crate::kernels;
use crate::kernels::{Arrival, Curve};

/// The second half of a transformer's block: a normalisation and two layers, whose result is added to what came in.
#[derive(Debug)]
pub(crate) struct FeedForward<B: Kernels> {
    pub(crate) norm: LayerNorm<B>,
    pub(crate) widen: Linear<B>,
    /// Between the layers.
    pub(crate) curve: Curve,
    pub(crate) narrow: Linear<B>,
}

impl<B: Kernels> FeedForward<B> {
    /// `x` plus what arrives, `[.., channels]`, to the same shape.
    pub(crate) fn forward<const D: usize>(&self, x: Tensor<B, D>, arrival: Arrival<B, D>) -> Tensor<B, D> {
        self.run(x, Some(arrival), None)
    }

    /// `x` plus what the layers make of `other`, `[.., channels]`.
    pub(crate) fn forward_of<const D: usize>(&self, x: Tensor<B, D>, other: Tensor<B, D>) -> Tensor<B, D> {
        self.run(x, None, Some(other))
    }

    fn run<const D: usize>(
        &self,
        x: Tensor<B, D>,
        arrival: Option<Arrival<B, D>>,
        instead: Option<Tensor<B, D>>,
    ) -> Tensor<B, D> {
        let (norm, epsilon, operand) = self.norm.parameters();
        let (widen, narrow) = (self.widen.parameters(), self.narrow.parameters());
        <B as Kernels>::feed_forward(kernels::FeedForward {
            x,
            arrival,
            instead,
            norm,
            epsilon,
            widen,
            curve: self.curve,
            narrow,
            operand,
        })
    }
}

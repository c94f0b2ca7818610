use burn_tensor::{DType, Tensor};

use super::{LayerNorm, Linear, Weights};
use crate::{Kernels, ModelError};

/// Inputs of a filter from which on it is kept with as few bits as layers are.
const LARGE: usize = 128;

/// A dense convolution over a channels-last map.
#[derive(Debug)]
pub(crate) struct Conv2d<B: Kernels> {
    /// `[kernel, kernel, in, out]`
    weight: Tensor<B, 4>,
    bias: Tensor<B, 1>,
    stride: usize,
    padding: usize,
}

impl<B: Kernels> Conv2d<B> {
    /// Reads `weight` `[out, in, kernel, kernel]` and `bias` `[out]`.
    pub(crate) fn load(
        weights: &Weights<B>,
        [d_in, d_out]: [usize; 2],
        [kernel, stride, padding]: [usize; 3],
    ) -> Result<Self, ModelError> {
        let official = weights.host("weight", &[d_out, d_in, kernel, kernel])?;
        // What few numbers make costs nothing in f32.
        let large = d_in * kernel * kernel >= LARGE && d_out >= LARGE / 2;
        let dtype = if large { weights.operand() } else { DType::F32 };
        let values = taps_first(official, [d_in, d_out], kernel);
        Ok(Self {
            weight: weights.upload_as(values, [kernel, kernel, d_in, d_out], dtype),
            bias: weights.tensor("bias", [d_out])?,
            stride,
            padding,
        })
    }

    /// `[batch, height, width, in]` to `[batch, height', width', out]`.
    pub(crate) fn forward(&self, x: Tensor<B, 4>) -> Tensor<B, 4> {
        <B as Kernels>::conv2d(x, self.weight.clone(), self.bias.clone(), self.stride, self.padding)
    }

    /// The same, normalised and bent.
    pub(crate) fn forward_norm_gelu(&self, x: Tensor<B, 4>, norm: &LayerNorm<B>) -> Tensor<B, 4> {
        let (norm, epsilon, _) = norm.parameters();
        let steps = [self.stride, self.padding];
        <B as Kernels>::conv2d_norm_gelu(x, self.weight.clone(), self.bias.clone(), steps, norm, epsilon)
    }
}

/// `[out, in, kernel, kernel]` to `[kernel, kernel, in, out]`.
fn taps_first(official: &[f32], [d_in, d_out]: [usize; 2], kernel: usize) -> Vec<f32> {
    let taps = kernel * kernel;
    let mut values = Vec::with_capacity(official.len());
    for tap in 0..taps {
        for i in 0..d_in {
            values.extend((0..d_out).map(|o| official[(o * d_in + i) * taps + tap]));
        }
    }
    values
}

/// A 2x2 transposed convolution of stride 2. Its outputs do not overlap, so it is a matrix product and a shuffle.
#[derive(Debug)]
pub(crate) struct TransposedConv2x2<B: Kernels>(Linear<B>);

impl<B: Kernels> TransposedConv2x2<B> {
    /// Reads `weight` `[in, out, 2, 2]` and `bias` `[out]`.
    pub(crate) fn load(weights: &Weights<B>, d_in: usize, d_out: usize) -> Result<Self, ModelError> {
        let official = weights.host("weight", &[d_in, d_out, 2, 2])?;
        let bias = weights.host("bias", &[d_out])?;
        let mut rows = Vec::with_capacity(official.len());
        for tap in 0..4 {
            for o in 0..d_out {
                rows.extend((0..d_in).map(|i| official[(i * d_out + o) * 4 + tap]));
            }
        }
        Ok(Self(Linear::new(weights, &rows, &bias.repeat(4), d_in)))
    }

    /// `[batch, height, width, in]` to `[batch, 2 height, 2 width, out]`.
    pub(crate) fn forward(&self, x: Tensor<B, 4>) -> Tensor<B, 4> {
        <B as Kernels>::pixel_shuffle_2x2(self.0.forward(x))
    }
}

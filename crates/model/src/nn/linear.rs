use burn_tensor::{DType, Tensor};

use super::Weights;
use crate::kernels::Curve;
use crate::{Kernels, ModelError};

/// A matrix product over the last dimension. 1x1 convolutions are one too, since maps are channels-last.
#[derive(Debug)]
pub(crate) struct Linear<B: Kernels> {
    /// `[in, out]`, transposed from the checkpoint so that rows of activations meet columns without a copy.
    weight: Tensor<B, 2>,
    bias: Tensor<B, 1>,
}

impl<B: Kernels> Linear<B> {
    /// Reads `weight` `[out, in]` and `bias` `[out]`.
    pub(crate) fn load(weights: &Weights<B>, d_in: usize, d_out: usize) -> Result<Self, ModelError> {
        let Host { rows, bias } = Host::read(weights, &[d_out, d_in])?;
        Ok(Self::new(weights, rows, bias, d_in))
    }

    /// Reads a 1x1 convolution: `weight` `[out, in, 1, 1]` and `bias` `[out]`.
    pub(crate) fn load_conv1x1(weights: &Weights<B>, d_in: usize, d_out: usize) -> Result<Self, ModelError> {
        let Host { rows, bias } = Host::read(weights, &[d_out, d_in, 1, 1])?;
        Ok(Self::new(weights, rows, bias, d_in))
    }

    /// What `first`, to as many values as `then` takes, and `then` do one after the other, multiplied in f64.
    pub(crate) fn chained(weights: &Weights<B>, first: Host, then: Host) -> Self {
        let (between, d_in) = (first.bias.len(), first.rows.len() / first.bias.len().max(1));
        let mut rows = Vec::with_capacity(then.bias.len() * d_in);
        let mut bias = Vec::with_capacity(then.bias.len());
        for (then_row, then_bias) in then.rows.chunks_exact(between.max(1)).zip(then.bias) {
            let column = |i: usize| first.rows[i..].iter().step_by(d_in);
            rows.extend((0..d_in).map(|i| dot(then_row, column(i)) as f32));
            bias.push((dot(then_row, first.bias.iter()) + f64::from(*then_bias)) as f32);
        }
        Self::new(weights, &rows, &bias, d_in)
    }

    /// From `rows` `[out, in]` and `bias` `[out]` on the host.
    pub(crate) fn new(weights: &Weights<B>, rows: &[f32], bias: &[f32], d_in: usize) -> Self {
        let d_out = bias.len();
        Self {
            weight: weights.upload_weight(transpose(rows, d_out, d_in), [d_in, d_out]),
            bias: weights.upload(bias.to_vec(), [d_out]),
        }
    }

    /// With how many bits the layer multiplies.
    pub(crate) fn factors(&self) -> DType {
        self.weight.dtype()
    }

    /// The weight `[in, out]` and the bias `[out]`, for those who multiply in another order.
    pub(crate) fn parameters(&self) -> (Tensor<B, 2>, Tensor<B, 1>) {
        (self.weight.clone(), self.bias.clone())
    }

    pub(crate) fn forward<const D: usize>(&self, x: Tensor<B, D>) -> Tensor<B, D> {
        self.forward_curve(x, Curve::Straight)
    }

    /// Through the layer and a curve.
    pub(crate) fn forward_curve<const D: usize>(&self, x: Tensor<B, D>, curve: Curve) -> Tensor<B, D> {
        <B as Kernels>::linear_curve(x, self.weight.clone(), Some(self.bias.clone()), curve, DType::F32)
    }

    /// The same for what is only multiplied next, and may be of as few bits as the weights are.
    pub(crate) fn forward_operand<const D: usize>(&self, x: Tensor<B, D>, curve: Curve) -> Tensor<B, D> {
        let out = self.weight.dtype();
        <B as Kernels>::linear_curve(x, self.weight.clone(), Some(self.bias.clone()), curve, out)
    }

    /// `before` plus the result.
    pub(crate) fn forward_add<const D: usize>(&self, x: Tensor<B, D>, before: Tensor<B, D>) -> Tensor<B, D> {
        <B as Kernels>::linear_add(x, self.weight.clone(), Some(self.bias.clone()), before)
    }
}

/// A layer on the host.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Host<'a> {
    /// `[out, in]`
    pub(crate) rows: &'a [f32],
    /// `[out]`
    pub(crate) bias: &'a [f32],
}

impl<'a> Host<'a> {
    /// Reads `weight` of `shape`, outputs first, and `bias`.
    pub(crate) fn read<B: Kernels>(weights: &'a Weights<B>, shape: &[usize]) -> Result<Self, ModelError> {
        Ok(Self { rows: weights.host("weight", shape)?, bias: weights.host("bias", &shape[..1])? })
    }
}

fn dot<'a>(a: &[f32], b: impl Iterator<Item = &'a f32>) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

/// `[rows, columns]` to `[columns, rows]`.
pub(crate) fn transpose(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    (0..columns).flat_map(|c| (0..rows).map(move |r| values[r * columns + c])).collect()
}

//! The operations of [`Kernels`](super::Kernels) in terms of Burn tensor operations, for any backend.

use burn_tensor::backend::Backend;
use burn_tensor::module;
use burn_tensor::ops::{AttentionModuleOptions, ConvOptions, InterpolateMode, InterpolateOptions};
use burn_tensor::{Tensor, activation};

/// Most elements of a score matrix that [`attention`] writes out: 128 MiB of f32.
const MAX_SCORES: usize = 1 << 25;

/// See [`Kernels::linear`](super::Kernels::linear).
pub fn linear<B: Backend, const D: usize>(
    x: Tensor<B, D>,
    weight: Tensor<B, 2>,
    bias: Option<Tensor<B, 1>>,
) -> Tensor<B, D> {
    module::linear(x, weight, bias)
}

/// See [`Kernels::gelu`](super::Kernels::gelu).
pub fn gelu<B: Backend, const D: usize>(x: Tensor<B, D>) -> Tensor<B, D> {
    activation::gelu(x)
}

/// See [`Kernels::layer_norm`](super::Kernels::layer_norm).
pub fn layer_norm<B: Backend, const D: usize>(
    x: Tensor<B, D>,
    weight: Tensor<B, 1>,
    bias: Tensor<B, 1>,
    eps: f64,
) -> Tensor<B, D> {
    let mean = x.clone().mean_dim(D - 1);
    let centred = x - mean;
    let variance = centred.clone().square().mean_dim(D - 1);
    centred / (variance + eps).sqrt() * weight.unsqueeze() + bias.unsqueeze()
}

/// See [`Kernels::attention`](super::Kernels::attention).
///
/// Small problems write the scores out and stay in f32; for large ones memory decides and the
/// backend's own attention runs, which on GPUs may round its operands to f16.
pub fn attention<B: Backend>(q: Tensor<B, 4>, k: Tensor<B, 4>, v: Tensor<B, 4>) -> Tensor<B, 4> {
    let [b, h, n, d] = q.dims();
    let m = k.dims()[2];
    if b * h * n * m > MAX_SCORES {
        return module::attention(q, k, v, None, None, AttentionModuleOptions::default());
    }
    let scores = (q * (d as f64).sqrt().recip()).matmul(k.swap_dims(2, 3));
    activation::softmax(scores, 3).matmul(v)
}

/// See [`Kernels::rope`](super::Kernels::rope).
pub fn rope<B: Backend>(x: Tensor<B, 3>, cos: Tensor<B, 2>, sin: Tensor<B, 2>) -> Tensor<B, 3> {
    let [b, n, c] = x.dims();
    let [m, half] = cos.dims();
    let x = x.reshape([b, n / m, m, c]);
    let first = x.clone().narrow(3, 0, half);
    let second = x.narrow(3, half, half);
    let cos = cos.reshape([1, 1, m, half]);
    let sin = sin.reshape([1, 1, m, half]);
    let rotated =
        Tensor::cat(vec![first.clone() * cos.clone() - second.clone() * sin.clone(), first * sin + second * cos], 3);
    rotated.reshape([b, n, c])
}

/// See [`Kernels::conv2d`](super::Kernels::conv2d).
pub fn conv2d<B: Backend>(
    x: Tensor<B, 4>,
    weight: Tensor<B, 4>,
    bias: Tensor<B, 1>,
    stride: usize,
    padding: usize,
) -> Tensor<B, 4> {
    let options = ConvOptions::new([stride; 2], [padding; 2], [1; 2], 1);
    let x = x.permute([0, 3, 1, 2]);
    let weight = weight.permute([3, 2, 0, 1]);
    module::conv2d(x, weight, Some(bias), options).permute([0, 2, 3, 1])
}

/// See [`Kernels::depthwise_conv2d`](super::Kernels::depthwise_conv2d).
pub fn depthwise_conv2d<B: Backend>(
    x: Tensor<B, 4>,
    weight: Tensor<B, 3>,
    bias: Tensor<B, 1>,
    padding: usize,
) -> Tensor<B, 4> {
    let channels = weight.dims()[2];
    let options = ConvOptions::new([1; 2], [padding; 2], [1; 2], channels);
    let x = x.permute([0, 3, 1, 2]);
    let weight = weight.unsqueeze_dim::<4>(2).permute([3, 2, 0, 1]);
    module::conv2d(x, weight, Some(bias), options).permute([0, 2, 3, 1])
}

/// See [`Kernels::window_partition`](super::Kernels::window_partition).
pub fn window_partition<B: Backend>(x: Tensor<B, 4>, size: usize) -> Tensor<B, 4> {
    let [b, h, w, c] = x.dims();
    let (rows, columns) = (h.div_ceil(size), w.div_ceil(size));
    let x = pad_end(pad_end(x, 1, rows * size - h), 2, columns * size - w);
    x.reshape([b, rows, size, columns, size, c]).swap_dims(2, 3).reshape([b * rows * columns, size, size, c])
}

/// Appends `extra` zeros along dimension `dim`.
fn pad_end<B: Backend>(x: Tensor<B, 4>, dim: usize, extra: usize) -> Tensor<B, 4> {
    if extra == 0 {
        return x;
    }
    let mut shape = x.dims();
    shape[dim] = extra;
    let zeros = Tensor::zeros(shape, &x.device());
    Tensor::cat(vec![x, zeros], dim)
}

/// See [`Kernels::window_unpartition`](super::Kernels::window_unpartition).
pub fn window_unpartition<B: Backend>(x: Tensor<B, 4>, size: usize, hw: [usize; 2]) -> Tensor<B, 4> {
    let [windows, _, _, c] = x.dims();
    let [h, w] = hw;
    let (rows, columns) = (h.div_ceil(size), w.div_ceil(size));
    let b = windows / (rows * columns);
    x.reshape([b, rows, columns, size, size, c])
        .swap_dims(2, 3)
        .reshape([b, rows * size, columns * size, c])
        .narrow(1, 0, h)
        .narrow(2, 0, w)
}

/// See [`Kernels::max_pool_2x2`](super::Kernels::max_pool_2x2).
pub fn max_pool_2x2<B: Backend>(x: Tensor<B, 4>) -> Tensor<B, 4> {
    let x = x.permute([0, 3, 1, 2]);
    module::max_pool2d(x, [2; 2], [2; 2], [0; 2], [1; 2], false).permute([0, 2, 3, 1])
}

/// See [`Kernels::pixel_shuffle_2x2`](super::Kernels::pixel_shuffle_2x2).
pub fn pixel_shuffle_2x2<B: Backend>(x: Tensor<B, 4>) -> Tensor<B, 4> {
    let [b, h, w, c4] = x.dims();
    let c = c4 / 4;
    x.reshape([b, h, w, 2, 2, c]).swap_dims(2, 3).reshape([b, 2 * h, 2 * w, c])
}

/// See [`Kernels::upsample_bilinear`](super::Kernels::upsample_bilinear).
pub fn upsample_bilinear<B: Backend>(x: Tensor<B, 3>, to: [usize; 2]) -> Tensor<B, 3> {
    let options = InterpolateOptions::new(InterpolateMode::Bilinear).with_align_corners(false);
    module::interpolate(x.unsqueeze_dim::<4>(1), to, options).squeeze_dim(1)
}

/// See [`Kernels::round_bf16`](super::Kernels::round_bf16).
///
/// Veltkamp's splitting: with `t = x * (2^16 + 1)` the difference `t - (t - x)` keeps the upper 8 of
/// the 24 significant bits. Needs no bfloat16 type; overflows from `2^111` on.
pub fn round_bf16<B: Backend, const D: usize>(x: Tensor<B, D>) -> Tensor<B, D> {
    let spread = x.clone() * 65537.0;
    spread.clone() - (spread - x)
}

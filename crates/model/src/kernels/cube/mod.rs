//! [`Kernels`] for the GPUs that CubeCL compiles for.
//!
//! What Burn would do in many launches, or in other precision than asked for, is one kernel here. All else is Burn's.

#![allow(
    clippy::duplicate_underscore_argument,
    clippy::manual_div_ceil,
    clippy::manual_is_multiple_of,
    clippy::unnecessary_cast,
    reason = "kernels are Rust that CubeCL translates: not every function of the standard library exists on a device, and the macro \
              writes casts and arguments of its own"
)]

mod attention;
mod conv;
mod custom;
mod launch;
mod layer_norm;
mod linear;
mod pixels;
mod rope;
mod round;
mod windows;

use burn_cubecl::CubeRuntime;
use burn_cubecl::tensor::CubeTensor;
use burn_tensor::{DType, Int, Shape, Tensor, TensorData};
use cubecl::zspace::metadata::Metadata;

use self::conv::Filter;
use self::custom::{Recorded, input, record};
use self::linear::Layer;
use super::{Curve, Kernels, portable};

/// The `N` tensors of a step, which were recorded as that many.
#[expect(clippy::panic, reason = "the number is that of the list a few lines above each use")]
fn unpack<R: CubeRuntime, const N: usize>(inputs: Vec<CubeTensor<R>>) -> [CubeTensor<R>; N] {
    let found = inputs.len();
    inputs.try_into().unwrap_or_else(|_| panic!("{found} tensors for a step of {N}"))
}

/// The next tensor of a step, which was recorded with it.
#[expect(clippy::expect_used, reason = "the tensors are listed a few lines above each use")]
fn take<R: CubeRuntime>(inputs: &mut impl Iterator<Item = CubeTensor<R>>) -> CubeTensor<R> {
    inputs.next().expect("a step gets the tensors that it was recorded with")
}

/// A tensor without gaps under another shape of as many elements.
fn reshape<R: CubeRuntime, const D: usize>(x: CubeTensor<R>, shape: [usize; D]) -> CubeTensor<R> {
    CubeTensor::new_contiguous(x.client, x.device, Shape::new(shape), x.handle, x.dtype)
}

/// `[b, n, heads * d]` as `[b, heads, n, d]`, without moving anything.
fn split_heads<R: CubeRuntime>(x: CubeTensor<R>, heads: usize) -> CubeTensor<R> {
    let [batch, tokens, channels]: [usize; 3] = x.meta.shape().dims();
    let (across, down, step) = (x.meta.strides()[0], x.meta.strides()[1], x.meta.strides()[2]);
    let width = channels / heads;
    let meta = Metadata::new([batch, heads, tokens, width], [across, width * step, down, step]);
    CubeTensor::new(x.client, x.handle, meta, x.device, x.dtype)
}

impl<R: CubeRuntime> Kernels for Recorded<R> {
    const HALF: bool = true;

    fn linear_curve<const D: usize>(
        x: Tensor<Self, D>,
        weight: Tensor<Self, 2>,
        bias: Option<Tensor<Self, 1>>,
        curve: Curve,
        out: DType,
    ) -> Tensor<Self, D> {
        let mut shape = x.dims();
        shape[D - 1] = weight.dims()[1];
        let inputs = [input(x), input(weight)].into_iter().chain(bias.map(input)).collect();
        record("linear", inputs, shape, out, move |inputs| {
            let mut inputs = inputs.into_iter();
            let (x, weight) = (take(&mut inputs), take(&mut inputs));
            let layer = Layer { weight, bias: inputs.next() };
            reshape(linear::linear(x, layer, curve, None, 0, out), shape)
        })
    }

    fn linear_add<const D: usize>(
        x: Tensor<Self, D>,
        weight: Tensor<Self, 2>,
        bias: Option<Tensor<Self, 1>>,
        before: Tensor<Self, D>,
    ) -> Tensor<Self, D> {
        let (shape, dtype) = (before.dims(), before.dtype());
        let inputs = [input(x), input(before), input(weight)].into_iter().chain(bias.map(input)).collect();
        record("linear_add", inputs, shape, dtype, move |inputs| {
            let mut inputs = inputs.into_iter();
            let (x, before, weight) = (take(&mut inputs), take(&mut inputs), take(&mut inputs));
            let layer = Layer { weight, bias: inputs.next() };
            linear::linear(x, layer, Curve::Straight, Some(before), 0, dtype)
        })
    }

    fn linear_add_windows(
        windows: Tensor<Self, 4>,
        weight: Tensor<Self, 2>,
        bias: Option<Tensor<Self, 1>>,
        before: Tensor<Self, 4>,
        size: usize,
    ) -> Tensor<Self, 4> {
        let (shape, dtype) = (before.dims(), before.dtype());
        let inputs = [input(windows), input(before), input(weight)].into_iter().chain(bias.map(input)).collect();
        record("linear_add_windows", inputs, shape, dtype, move |inputs| {
            let mut inputs = inputs.into_iter();
            let (x, before, weight) = (take(&mut inputs), take(&mut inputs), take(&mut inputs));
            let layer = Layer { weight, bias: inputs.next() };
            linear::linear(x, layer, Curve::Straight, Some(before), size, dtype)
        })
    }

    fn layer_norm_as<const D: usize>(
        x: Tensor<Self, D>,
        weight: Tensor<Self, 1>,
        bias: Tensor<Self, 1>,
        eps: f64,
        out: DType,
    ) -> Tensor<Self, D> {
        let shape = x.dims();
        record("layer_norm", vec![input(x), input(weight), input(bias)], shape, out, move |inputs| {
            let [x, weight, bias] = unpack(inputs);
            layer_norm::layer_norm(x, weight, bias, eps, 0, Shape::new(shape), out)
        })
    }

    fn layer_norm_windows(
        x: Tensor<Self, 4>,
        weight: Tensor<Self, 1>,
        bias: Tensor<Self, 1>,
        eps: f64,
        size: usize,
        out: DType,
    ) -> Tensor<Self, 4> {
        let shape = window_shape(x.dims(), size);
        record("layer_norm_windows", vec![input(x), input(weight), input(bias)], shape, out, move |inputs| {
            let [x, weight, bias] = unpack(inputs);
            layer_norm::layer_norm(x, weight, bias, eps, size, Shape::new(shape), out)
        })
    }

    fn attention(q: Tensor<Self, 4>, k: Tensor<Self, 4>, v: Tensor<Self, 4>) -> Tensor<Self, 4> {
        let [batch, heads, queries, _] = q.dims();
        let shape = [batch, queries, heads, v.dims()[3]];
        let dtype = q.dtype();
        let out = record("attention", vec![input(q), input(k), input(v)], shape, dtype, |inputs| {
            let [q, k, v] = unpack(inputs);
            attention::attention(q, k, v)
        });
        out.swap_dims(1, 2)
    }

    fn attend(q: Tensor<Self, 3>, k: Tensor<Self, 3>, v: Tensor<Self, 3>, heads: usize) -> Tensor<Self, 3> {
        let [batch, queries, _] = q.dims();
        let shape = [batch, queries, v.dims()[2]];
        let dtype = q.dtype();
        record("attend", vec![input(q), input(k), input(v)], shape, dtype, move |inputs| {
            let [q, k, v] = unpack(inputs).map(|x| split_heads(x, heads));
            reshape(attention::attention(q, k, v), shape)
        })
    }

    fn rope(x: Tensor<Self, 3>, cos: Tensor<Self, 2>, sin: Tensor<Self, 2>) -> Tensor<Self, 3> {
        let tokens = x.dims()[1];
        Self::rope_first(x, cos, sin, tokens)
    }

    fn rope_first(x: Tensor<Self, 3>, cos: Tensor<Self, 2>, sin: Tensor<Self, 2>, rotated: usize) -> Tensor<Self, 3> {
        let (shape, dtype) = (x.dims(), x.dtype());
        record("rope", vec![input(x), input(cos), input(sin)], shape, dtype, move |inputs| {
            let [x, cos, sin] = unpack(inputs);
            rope::rope(x, cos, sin, rotated)
        })
    }

    fn conv2d(
        x: Tensor<Self, 4>,
        weight: Tensor<Self, 4>,
        bias: Tensor<Self, 1>,
        stride: usize,
        padding: usize,
    ) -> Tensor<Self, 4> {
        let [b, h, w, channels] = x.dims();
        let [height, width, _, out] = weight.dims();
        let filter = Filter { height, width, stride, padding };
        let [oh, ow] = [(h + 2 * padding - height) / stride + 1, (w + 2 * padding - width) / stride + 1];
        let seen = height * width * channels;
        let shape = [b, oh, ow, seen];
        let dtype = x.dtype();
        let x = record("gather", vec![input(x)], shape, dtype, move |inputs| {
            let [x] = unpack(inputs);
            conv::gather(x, filter, Shape::new(shape))
        });
        let shape = [b, oh, ow, out];
        // The filter is a matrix as it lies in memory, whatever gaps there are between its rows.
        record("convolve", vec![input(x), input(weight), input(bias)], shape, DType::F32, move |inputs| {
            let [x, weight, bias] = unpack(inputs);
            let layer = Layer { weight, bias: Some(bias) };
            reshape(linear::linear(x, layer, Curve::Straight, None, 0, DType::F32), shape)
        })
    }

    fn depthwise_conv2d(
        x: Tensor<Self, 4>,
        weight: Tensor<Self, 3>,
        bias: Tensor<Self, 1>,
        padding: usize,
    ) -> Tensor<Self, 4> {
        let [b, h, w, channels] = x.dims();
        let [height, width, _] = weight.dims();
        let filter = Filter { height, width, stride: 1, padding };
        let shape = [b, h + 2 * padding + 1 - height, w + 2 * padding + 1 - width, channels];
        let dtype = x.dtype();
        record("depthwise", vec![input(x), input(weight), input(bias)], shape, dtype, move |inputs| {
            let [x, weight, bias] = unpack(inputs);
            conv::depthwise(x, weight, bias, filter, Shape::new(shape))
        })
    }

    fn window_partition(x: Tensor<Self, 4>, size: usize) -> Tensor<Self, 4> {
        let dtype = x.dtype();
        let shape = window_shape(x.dims(), size);
        record("window_partition", vec![input(x)], shape, dtype, move |inputs| {
            let [x] = unpack(inputs);
            windows::partition(x, size, Shape::new(shape))
        })
    }

    fn window_unpartition(x: Tensor<Self, 4>, size: usize, hw: [usize; 2]) -> Tensor<Self, 4> {
        let [count, _, _, channels] = x.dims();
        let batch = count / (hw[0].div_ceil(size) * hw[1].div_ceil(size));
        let shape = [batch, hw[0], hw[1], channels];
        let dtype = x.dtype();
        record("window_unpartition", vec![input(x)], shape, dtype, move |inputs| {
            let [x] = unpack(inputs);
            windows::unpartition(x, size, Shape::new(shape))
        })
    }

    fn filter_map(filters: Tensor<Self, 3>, map: Tensor<Self, 3>) -> Tensor<Self, 3> {
        let [batch, count, _] = filters.dims();
        let shape = [batch, count, map.dims()[1]];
        record("filter_map", vec![input(filters), input(map)], shape, DType::F32, |inputs| {
            let [filters, map] = unpack(inputs);
            pixels::filter_map(filters, map)
        })
    }

    /// Uploads bytes, a quarter of what the numbers are that they stand for.
    fn normalise(rgb: &[u8], side: usize, device: &Self::Device) -> Tensor<Self, 4> {
        let words: Vec<i32> = rgb.chunks(4).map(word).collect();
        let count = words.len();
        let words = Tensor::<Self, 1, Int>::from_data(TensorData::new(words, [count]), (device, DType::I32));
        let shape = [1, side, side, 3];
        record("normalise", vec![words.into_primitive()], shape, DType::F32, move |inputs| {
            let [words] = unpack(inputs);
            pixels::normalise(words, Shape::new(shape))
        })
    }

    fn round_bf16<const D: usize>(x: Tensor<Self, D>) -> Tensor<Self, D> {
        if x.dtype() != DType::F32 {
            return portable::round_bf16(x);
        }
        let (shape, dtype) = (x.dims(), x.dtype());
        record("round_bf16", vec![input(x)], shape, dtype, |inputs| {
            let [x] = unpack(inputs);
            round::round_bf16(x)
        })
    }
}

/// Up to four bytes, lowest first.
fn word(bytes: &[u8]) -> i32 {
    let mut whole = [0; 4];
    whole[..bytes.len()].copy_from_slice(bytes);
    i32::from_le_bytes(whole)
}

fn window_shape([batch, height, width, channels]: [usize; 4], size: usize) -> [usize; 4] {
    [batch * height.div_ceil(size) * width.div_ceil(size), size, size, channels]
}

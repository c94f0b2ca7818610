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
mod bend;
mod conv;
mod fragments;
mod launch;
mod layer_norm;
mod linear;
mod picture;
mod pixels;
mod rope;
mod round;
mod stack;
mod windows;

use burn_cubecl::tensor::CubeTensor;
use burn_cubecl::{CubeBackend, CubeRuntime};
use burn_tensor::{DType, Int, Shape, Tensor, TensorData, TensorPrimitive};
use cubecl::zspace::metadata::Metadata;

use self::bend::Bend;
use self::conv::Filter;
use self::linear::Layer;
use super::{Curve, Kernels, portable};
use crate::ModelError;

/// A GPU backend that launches operations as they come.
///
/// Burn would rather record them and merge what can be merged (`burn_fusion::Fusion`). Little can be here, where what the network does most
/// is one kernel already, and to record, look for what could be merged and hand it to another thread took the host longer than all launches.
type Direct<R> = CubeBackend<R, f32, i32, u8>;

/// A float tensor, unpacked.
fn take<R: CubeRuntime, const D: usize>(tensor: Tensor<Direct<R>, D>) -> CubeTensor<R> {
    tensor.into_primitive().tensor()
}

/// The inverse; `D` is the rank of the tensor.
fn give<R: CubeRuntime, const D: usize>(tensor: CubeTensor<R>) -> Tensor<Direct<R>, D> {
    Tensor::from_primitive(TensorPrimitive::Float(tensor))
}

fn layer<R: CubeRuntime>(weight: Tensor<Direct<R>, 2>, bias: Option<Tensor<Direct<R>, 1>>) -> Layer<R> {
    Layer { weight: take(weight), bias: bias.map(take) }
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

impl<R: CubeRuntime> Kernels for Direct<R> {
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
        give(reshape(linear::linear(take(x), layer(weight, bias), curve, None, 0, out), shape))
    }

    fn linear_add<const D: usize>(
        x: Tensor<Self, D>,
        weight: Tensor<Self, 2>,
        bias: Option<Tensor<Self, 1>>,
        before: Tensor<Self, D>,
    ) -> Tensor<Self, D> {
        let dtype = before.dtype();
        give(linear::linear(take(x), layer(weight, bias), Curve::Straight, Some(take(before)), 0, dtype))
    }

    fn linear_add_windows(
        windows: Tensor<Self, 4>,
        weight: Tensor<Self, 2>,
        bias: Option<Tensor<Self, 1>>,
        before: Tensor<Self, 4>,
        size: usize,
    ) -> Tensor<Self, 4> {
        let dtype = before.dtype();
        give(linear::linear(take(windows), layer(weight, bias), Curve::Straight, Some(take(before)), size, dtype))
    }

    fn stack<const D: usize>(parts: Vec<Tensor<Self, D>>) -> Tensor<Self, D> {
        let (mut shape, dtype) = (parts[0].dims(), parts[0].dtype());
        if parts.len() == 1 {
            return Tensor::cat(parts, 0);
        }
        shape[0] = parts.iter().map(|part| part.dims()[0]).sum();
        give(stack::stack(parts.into_iter().map(take).collect(), Shape::new(shape), dtype))
    }

    fn gelu<const D: usize>(x: Tensor<Self, D>) -> Tensor<Self, D> {
        give(bend::bend(take(x), Bend::Gelu, 1.0, 0.0))
    }

    fn shade<const D: usize>(x: Tensor<Self, D>, scale: f32, offset: f32) -> Tensor<Self, D> {
        give(bend::bend(take(x), Bend::Shade, scale, offset))
    }

    fn layer_norm_as<const D: usize>(
        x: Tensor<Self, D>,
        weight: Tensor<Self, 1>,
        bias: Tensor<Self, 1>,
        eps: f64,
        out: DType,
    ) -> Tensor<Self, D> {
        let shape = x.shape();
        give(layer_norm::layer_norm(take(x), take(weight), take(bias), eps, 0, shape, out))
    }

    fn layer_norm_windows(
        x: Tensor<Self, 4>,
        weight: Tensor<Self, 1>,
        bias: Tensor<Self, 1>,
        eps: f64,
        size: usize,
        out: DType,
    ) -> Tensor<Self, 4> {
        let shape = Shape::new(window_shape(x.dims(), size));
        give(layer_norm::layer_norm(take(x), take(weight), take(bias), eps, size, shape, out))
    }

    fn attention(q: Tensor<Self, 4>, k: Tensor<Self, 4>, v: Tensor<Self, 4>) -> Tensor<Self, 4> {
        give::<R, 4>(attention::attention(take(q), take(k), take(v))).swap_dims(1, 2)
    }

    fn attend(q: Tensor<Self, 3>, k: Tensor<Self, 3>, v: Tensor<Self, 3>, heads: usize) -> Tensor<Self, 3> {
        let [batch, queries, _] = q.dims();
        let shape = [batch, queries, v.dims()[2]];
        let [q, k, v] = [q, k, v].map(|x| split_heads(take(x), heads));
        give(reshape(attention::attention(q, k, v), shape))
    }

    fn rope(x: Tensor<Self, 3>, cos: Tensor<Self, 2>, sin: Tensor<Self, 2>) -> Tensor<Self, 3> {
        let tokens = x.dims()[1];
        Self::rope_first(x, cos, sin, tokens)
    }

    fn rope_first(x: Tensor<Self, 3>, cos: Tensor<Self, 2>, sin: Tensor<Self, 2>, rotated: usize) -> Tensor<Self, 3> {
        give(rope::rope(take(x), take(cos), take(sin), rotated))
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
        // In 16 bits matrix units take over, which want whole packs.
        let dtype = weight.dtype();
        let seen = height * width * channels;
        let seen = if dtype == DType::F32 { seen } else { seen.next_multiple_of(linear::PACK) };
        let x = conv::gather(take(x), filter, Shape::new([b, oh, ow, seen]), dtype);
        // The filter is a matrix as it lies in memory, whatever gaps there are between its rows.
        let layer = Layer { weight: take(weight), bias: Some(take(bias)) };
        give(reshape(linear::linear(x, layer, Curve::Straight, None, 0, DType::F32), [b, oh, ow, out]))
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
        let shape = Shape::new([b, h + 2 * padding + 1 - height, w + 2 * padding + 1 - width, channels]);
        give(conv::depthwise(take(x), take(weight), take(bias), filter, shape))
    }

    fn window_partition(x: Tensor<Self, 4>, size: usize) -> Tensor<Self, 4> {
        let shape = Shape::new(window_shape(x.dims(), size));
        give(windows::partition(take(x), size, shape))
    }

    fn window_unpartition(x: Tensor<Self, 4>, size: usize, hw: [usize; 2]) -> Tensor<Self, 4> {
        let [count, _, _, channels] = x.dims();
        let batch = count / (hw[0].div_ceil(size) * hw[1].div_ceil(size));
        give(windows::unpartition(take(x), size, Shape::new([batch, hw[0], hw[1], channels])))
    }

    fn filter_map(filters: Tensor<Self, 3>, map: Tensor<Self, 3>) -> Tensor<Self, 3> {
        give(pixels::filter_map(take(filters), take(map)))
    }

    /// Uploads the bytes of the picture as they come, and resizes them on the device.
    fn picture(rgb: &[u8], size: [usize; 2], side: usize, device: &Self::Device) -> Tensor<Self, 4> {
        let (plan, words) = picture::plan(rgb, size, side);
        let count = words.len();
        let words = Tensor::<Self, 1, Int>::from_data(TensorData::new(words, [count]), (device, DType::I32));
        give(picture::picture(words.into_primitive(), &plan, Shape::new([1, side, side, 3])))
    }

    fn begin(device: &Self::Device) -> Result<(), ModelError> {
        R::client(device).flush().map_err(|source| ModelError::Device { message: source.to_string() })
    }

    fn round_bf16<const D: usize>(x: Tensor<Self, D>) -> Tensor<Self, D> {
        if x.dtype() != DType::F32 {
            return portable::round_bf16(x);
        }
        give(round::round_bf16(take(x)))
    }
}

fn window_shape([batch, height, width, channels]: [usize; 4], size: usize) -> [usize; 4] {
    [batch * height.div_ceil(size) * width.div_ceil(size), size, size, channels]
}

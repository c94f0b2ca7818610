//! The tensor operations the network is made of.
//!
//! The network is channels-last everywhere: maps are `[batch, height, width, channels]`, sequences
//! `[batch, tokens, channels]`, all in f32. It is generic over [`Kernels`], a backend that
//! knows these operations. Every one has a default made of Burn tensor operations (module
//! [`portable`]); the CPU backend replaces those that Burn runs slowly (module `flex`), and GPU backends those that
//! Burn runs in many launches (module `cube`).

mod cpu;
#[cfg(feature = "cube")]
mod cube;
mod feed_forward;
mod flex;
mod look_back;
mod mix;
pub mod portable;

pub use feed_forward::{Arrival, FeedForward};
pub use look_back::LookBack;
pub use mix::Mix;

use burn_tensor::backend::Backend;
use burn_tensor::{DType, Tensor, TensorData, activation};

use crate::ModelError;
use crate::image::normalise::normalise;
use crate::image::resize::resize_rgb_bicubic;

/// What may stand between two layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Curve {
    /// Nothing.
    Straight,
    /// [`Kernels::gelu`]
    Gelu,
    /// The positive part.
    Relu,
}

/// A backend with the operations of the network.
///
/// All tensors hold f32, unless a device was asked for [half precision](crate::Precision): then weights of layers, and on GPUs what is
/// only multiplied, are of 16 bits, and sums, norms and weights of attention are in f32 still. Inputs may be strided views, unless
/// said otherwise; outputs are contiguous.
/// Mismatched shapes are a bug of the caller and panic, as they do in Burn.
pub trait Kernels: Backend {
    /// Whether operations take and give tensors of 16 bits; otherwise only weights of layers may be of so few.
    const HALF: bool = false;

    /// Whether layers can keep their weights as numbers of that type.
    fn multiplies(dtype: DType) -> bool {
        dtype == DType::F32 || (Self::HALF && dtype == DType::F16)
    }

    /// Runs `work`, many operations one after the other, where the next one is started soonest.
    fn together<T: Send>(work: impl FnOnce() -> T + Send) -> T {
        work()
    }

    /// Whether operations on one frame leave threads without work, which operations on another frame could use.
    fn has_idle_threads() -> bool {
        false
    }

    /// `x [.., in] * weight [in, out] + bias [out]`.
    fn linear<const D: usize>(
        x: Tensor<Self, D>,
        weight: Tensor<Self, 2>,
        bias: Option<Tensor<Self, 1>>,
    ) -> Tensor<Self, D> {
        Self::linear_curve(x, weight, bias, Curve::Straight, DType::F32)
    }

    /// [`linear`](Self::linear), then `curve`. Whoever knows numbers of 16 bits gives back `out`.
    fn linear_curve<const D: usize>(
        x: Tensor<Self, D>,
        weight: Tensor<Self, 2>,
        bias: Option<Tensor<Self, 1>>,
        curve: Curve,
        _out: DType,
    ) -> Tensor<Self, D> {
        Self::curve(portable::linear(x, weight, bias), curve)
    }

    /// `before` plus [`linear`](Self::linear); `before` has the shape of the result.
    fn linear_add<const D: usize>(
        x: Tensor<Self, D>,
        weight: Tensor<Self, 2>,
        bias: Option<Tensor<Self, 1>>,
        before: Tensor<Self, D>,
    ) -> Tensor<Self, D> {
        before + <Self as Kernels>::linear(x, weight, bias)
    }

    /// `before [b, h, w, out]` plus what [`window_unpartition`](Self::window_unpartition) makes of [`linear`](Self::linear) of
    /// `windows [b * windows, size, size, in]`.
    fn linear_add_windows(
        windows: Tensor<Self, 4>,
        weight: Tensor<Self, 2>,
        bias: Option<Tensor<Self, 1>>,
        before: Tensor<Self, 4>,
        size: usize,
    ) -> Tensor<Self, 4> {
        let [_, height, width, _] = before.dims();
        before + Self::window_unpartition(<Self as Kernels>::linear(windows, weight, bias), size, [height, width])
    }

    /// What a block of the image encoder sees in windows or whole maps: [`Mix`] says how.
    fn mix(mix: Mix<Self>) -> Tensor<Self, 4> {
        mix.layer_by_layer()
    }

    /// `x` plus what two layers make of it: [`FeedForward`] says how.
    fn feed_forward<const D: usize>(block: FeedForward<Self, D>) -> Tensor<Self, D> {
        block.layer_by_layer()
    }

    /// `x` plus what all items of its batch share: `shared` has the shape of `x`, but for leading dimensions of 1.
    fn add_shared<const D: usize>(x: Tensor<Self, D>, shared: Tensor<Self, D>) -> Tensor<Self, D> {
        x + shared
    }

    /// The items of several batches as one batch, which are alike in all other dimensions.
    ///
    /// # Panics
    /// Where there are no parts.
    fn stack<const D: usize>(parts: Vec<Tensor<Self, D>>) -> Tensor<Self, D> {
        Tensor::cat(parts, 0)
    }

    /// Applies a curve.
    fn curve<const D: usize>(x: Tensor<Self, D>, curve: Curve) -> Tensor<Self, D> {
        match curve {
            Curve::Straight => x,
            Curve::Gelu => <Self as Kernels>::gelu(x),
            Curve::Relu => activation::relu(x),
        }
    }

    /// `x * (1 + erf(x / sqrt(2))) / 2`, the exact form, not the tanh approximation.
    fn gelu<const D: usize>(x: Tensor<Self, D>) -> Tensor<Self, D> {
        portable::gelu(x)
    }

    /// `scale * sigmoid(x) + offset`
    fn shade<const D: usize>(x: Tensor<Self, D>, scale: f32, offset: f32) -> Tensor<Self, D> {
        activation::sigmoid(x) * scale + offset
    }

    /// Normalises over the last dimension with the biased variance, then scales and shifts.
    ///
    /// `weight` and `bias` are as long as the last dimension of `x`.
    fn layer_norm<const D: usize>(
        x: Tensor<Self, D>,
        weight: Tensor<Self, 1>,
        bias: Tensor<Self, 1>,
        eps: f64,
    ) -> Tensor<Self, D> {
        Self::layer_norm_as(x, weight, bias, eps, DType::F32)
    }

    /// [`layer_norm`](Self::layer_norm). Whoever knows numbers of 16 bits gives back `out`.
    fn layer_norm_as<const D: usize>(
        x: Tensor<Self, D>,
        weight: Tensor<Self, 1>,
        bias: Tensor<Self, 1>,
        eps: f64,
        _out: DType,
    ) -> Tensor<Self, D> {
        portable::layer_norm(x, weight, bias, eps)
    }

    /// [`layer_norm_as`](Self::layer_norm_as), then [`window_partition`](Self::window_partition).
    fn layer_norm_windows(
        x: Tensor<Self, 4>,
        weight: Tensor<Self, 1>,
        bias: Tensor<Self, 1>,
        eps: f64,
        size: usize,
        out: DType,
    ) -> Tensor<Self, 4> {
        Self::window_partition(Self::layer_norm_as(x, weight, bias, eps, out), size)
    }

    /// `softmax(q k^T / sqrt(d)) v` for `q [b, h, n, d]`, `k [b, h, m, d]`, `v [b, h, m, e]`.
    ///
    /// The result is `[b, h, n, e]`. On the CPU it is a view of a contiguous `[b, n, h, e]` buffer, so that
    /// `swap_dims(1, 2)` followed by a reshape to `[b, n, h * e]` copies nothing.
    fn attention(q: Tensor<Self, 4>, k: Tensor<Self, 4>, v: Tensor<Self, 4>) -> Tensor<Self, 4> {
        portable::attention(q, k, v)
    }

    /// [`attention`](Self::attention) over sequences whose heads stand side by side: `q` `[b, n, heads * d]`, `k`
    /// `[b, m, heads * d]`, `v` `[b, m, heads * e]` to `[b, n, heads * e]`.
    fn attend(q: Tensor<Self, 3>, k: Tensor<Self, 3>, v: Tensor<Self, 3>, heads: usize) -> Tensor<Self, 3> {
        let split = |x: Tensor<Self, 3>| {
            let [batch, tokens, channels] = x.dims();
            x.reshape([batch, tokens, heads, channels / heads]).swap_dims(1, 2)
        };
        let [batch, tokens, _] = q.dims();
        let channels = v.dims()[2];
        <Self as Kernels>::attention(split(q), split(k), split(v)).swap_dims(1, 2).reshape([batch, tokens, channels])
    }

    /// [`attend`](Self::attend). `factors` says with how many bits is multiplied where tensors do not say it themselves.
    fn attend_as(
        q: Tensor<Self, 3>,
        k: Tensor<Self, 3>,
        v: Tensor<Self, 3>,
        heads: usize,
        _factors: DType,
    ) -> Tensor<Self, 3> {
        Self::attend(q, k, v, heads)
    }

    /// Rotates channel pairs `(i, i + c / 2)` of `x [b, n, c]` by the angles in `cos`, `sin`.
    ///
    /// The tables are `[m, c / 2]` where `m` divides `n`; token `t` uses row `t mod m`. With
    /// `x = [a | b]` the result is `[a cos - b sin | a sin + b cos]`.
    fn rope(x: Tensor<Self, 3>, cos: Tensor<Self, 2>, sin: Tensor<Self, 2>) -> Tensor<Self, 3> {
        portable::rope(x, cos, sin)
    }

    /// [`rope`](Self::rope) of the first `rotated` tokens; the others stay as they are.
    fn rope_first(x: Tensor<Self, 3>, cos: Tensor<Self, 2>, sin: Tensor<Self, 2>, rotated: usize) -> Tensor<Self, 3> {
        let tokens = x.dims()[1];
        if rotated == tokens {
            return Self::rope(x, cos, sin);
        }
        let first = Self::rope(x.clone().narrow(1, 0, rotated), cos, sin);
        Tensor::cat(vec![first, x.narrow(1, rotated, tokens - rotated)], 1)
    }

    /// What the cells of a map see in memories: [`LookBack`] says how. `[objects, cells, width]`
    fn look_back(look: LookBack<Self>) -> Tensor<Self, 3> {
        look.attend_to_keys()
    }

    /// Convolves `x [b, h, w, in]` with `weight [kh, kw, in, out]`, adds `bias [out]`.
    ///
    /// `padding` zeros surround the map on all sides. The result is `[b, oh, ow, out]` with
    /// `oh = (h + 2 * padding - kh) / stride + 1`, `ow` likewise.
    fn conv2d(
        x: Tensor<Self, 4>,
        weight: Tensor<Self, 4>,
        bias: Tensor<Self, 1>,
        stride: usize,
        padding: usize,
    ) -> Tensor<Self, 4> {
        portable::conv2d(x, weight, bias, stride, padding)
    }

    /// [`conv2d`](Self::conv2d), then [`layer_norm`](Self::layer_norm) and [`gelu`](Self::gelu).
    fn conv2d_norm_gelu(
        x: Tensor<Self, 4>,
        weight: Tensor<Self, 4>,
        bias: Tensor<Self, 1>,
        [stride, padding]: [usize; 2],
        [scale, shift]: [Tensor<Self, 1>; 2],
        epsilon: f64,
    ) -> Tensor<Self, 4> {
        let x = <Self as Kernels>::conv2d(x, weight, bias, stride, padding);
        <Self as Kernels>::gelu(<Self as Kernels>::layer_norm(x, scale, shift, epsilon))
    }

    /// Convolves each channel of `x [b, h, w, c]` with its own filter, `weight [kh, kw, c]`.
    ///
    /// The stride is 1; `padding` zeros surround the map, so `padding = kh / 2` keeps its size for odd filters.
    fn depthwise_conv2d(
        x: Tensor<Self, 4>,
        weight: Tensor<Self, 3>,
        bias: Tensor<Self, 1>,
        padding: usize,
    ) -> Tensor<Self, 4> {
        portable::depthwise_conv2d(x, weight, bias, padding)
    }

    /// Cuts `[b, h, w, c]` into square windows, `[b * windows, size, size, c]`, row by row.
    ///
    /// The map is first padded with zeros at the right and the bottom to a multiple of `size`.
    fn window_partition(x: Tensor<Self, 4>, size: usize) -> Tensor<Self, 4> {
        portable::window_partition(x, size)
    }

    /// Inverse of [`window_partition`](Self::window_partition) for a map of `hw = [h, w]`: drops the padding.
    fn window_unpartition(x: Tensor<Self, 4>, size: usize, hw: [usize; 2]) -> Tensor<Self, 4> {
        portable::window_unpartition(x, size, hw)
    }

    /// Largest of each 2x2 block, `[b, h, w, c]` to `[b, h / 2, w / 2, c]`; an odd last row or column is dropped.
    fn max_pool_2x2(x: Tensor<Self, 4>) -> Tensor<Self, 4> {
        portable::max_pool_2x2(x)
    }

    /// Spreads channels over 2x2 pixels: `[b, h, w, 4 * c]`, ordered `(dy, dx, c)`, to `[b, 2 * h, 2 * w, c]`.
    fn pixel_shuffle_2x2(x: Tensor<Self, 4>) -> Tensor<Self, 4> {
        portable::pixel_shuffle_2x2(x)
    }

    /// Bilinear resize of `[b, h, w]` to `[b, to[0], to[1]]`, pixel centres at half-integers, no antialiasing.
    fn upsample_bilinear(x: Tensor<Self, 3>, to: [usize; 2]) -> Tensor<Self, 3> {
        portable::upsample_bilinear(x, to)
    }

    /// Dot products of `filters [b, f, c]` with every pixel of `map [b, p, c]`, `[b, f, p]`.
    fn filter_map(filters: Tensor<Self, 3>, map: Tensor<Self, 3>) -> Tensor<Self, 3> {
        filters.matmul(map.swap_dims(1, 2))
    }

    /// An RGB picture of `[width, height]` pixels of 3 bytes, which are all in `rgb`, as the network wants it: resized
    /// ([`resize_rgb_bicubic`]) and normalised ([`normalise`]), `[1, side, side, 3]`.
    fn picture(rgb: &[u8], [width, height]: [usize; 2], side: usize, device: &Self::Device) -> Tensor<Self, 4> {
        let square = resize_rgb_bicubic(rgb, width, height, side, side);
        Tensor::from_data(TensorData::new(normalise(&square), [1, side, side, 3]), device)
    }

    /// Has all that was asked for so far begin. Devices with a queue would otherwise wait until more has come together.
    ///
    /// # Errors
    /// [`ModelError::Device`] where anything that was asked for before has failed by now: nobody who reads later is told again.
    fn begin(_device: &Self::Device) -> Result<(), ModelError> {
        Ok(())
    }

    /// Rounds every value to the nearest bfloat16, ties to even, and keeps it in f32.
    fn round_bf16<const D: usize>(x: Tensor<Self, D>) -> Tensor<Self, D> {
        portable::round_bf16(x)
    }
}

//! Convolutions of channels-last maps: gathering for a matrix product, and one filter per channel.

use burn_cubecl::CubeRuntime;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use burn_tensor::Shape;
use cubecl::prelude::*;

use super::launch::{as_rows, dtype_of, units_for};

/// What a convolution looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Filter {
    /// Height and width in pixels.
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) stride: usize,
    /// Zeros around the map.
    pub(super) padding: usize,
}

/// `x [b, h, w, c]` with any strides to `out [b, oh, ow, kh * kw * c]`, what the filter sees at each place.
#[cube(launch_unchecked)]
fn look<F: Float>(x: &Tensor<F>, out: &mut Tensor<F>, #[comptime] filter: Filter, #[define(F)] _dtype: StorageType) {
    let place = ABSOLUTE_POS as usize;
    if place < out.len() {
        let channels = x.shape(3);
        let channel = place % channels;
        let tap = place / channels % comptime!(filter.height * filter.width);
        let pixel = place / channels / comptime!(filter.height * filter.width);
        let column = pixel % out.shape(2) * filter.stride + tap % filter.width;
        let line = pixel / out.shape(2) % out.shape(1) * filter.stride + tap / filter.width;
        let item = pixel / out.shape(2) / out.shape(1);
        let (before, lines, columns) = (filter.padding, x.shape(1), x.shape(2));
        let mut value = F::new(0.0);
        if line >= before && line < lines + before && column >= before && column < columns + before {
            value = x[item * x.stride(0)
                + (line - before) * x.stride(1)
                + (column - before) * x.stride(2)
                + channel * x.stride(3)];
        }
        out[place] = value;
    }
}

/// `x [b, h, w, c]` with any strides, `weight [kh * kw, c]` and `bias [c]` to `out [b, oh, ow, c]`; the stride is 1.
///
/// The sum is in f32.
#[cube(launch_unchecked)]
fn filter_channels<F: Float>(
    x: &Tensor<F>,
    weight: &Tensor<F>,
    bias: &Tensor<F>,
    out: &mut Tensor<F>,
    #[comptime] filter: Filter,
    #[define(F)] _dtype: StorageType,
) {
    let place = ABSOLUTE_POS as usize;
    if place < out.len() {
        let channels = x.shape(3);
        let channel = place % channels;
        let pixel = place / channels;
        let column = pixel % out.shape(2);
        let line = pixel / out.shape(2) % out.shape(1);
        let item = pixel / out.shape(2) / out.shape(1);
        let (before, lines, columns) = (filter.padding, x.shape(1), x.shape(2));
        let start = item * x.stride(0) + channel * x.stride(3);
        let mut sum = f32::cast_from(bias[channel]);
        for dy in 0..filter.height {
            let from = line + dy;
            if from >= before && from < lines + before {
                #[unroll]
                for dx in 0..filter.width {
                    let across = column + dx;
                    if across >= before && across < columns + before {
                        sum +=
                            f32::cast_from(x[start + (from - before) * x.stride(1) + (across - before) * x.stride(2)])
                                * f32::cast_from(weight[(dy * filter.width + dx) * weight.stride(0) + channel]);
                    }
                }
            }
        }
        out[place] = F::cast_from(sum);
    }
}

/// What the filter sees at each place, as rows for a matrix product; `shape` is that of the result.
pub(super) fn gather<R: CubeRuntime>(x: CubeTensor<R>, filter: Filter, shape: Shape) -> CubeTensor<R> {
    let (client, dtype) = (x.client.clone(), x.dtype);
    let out = empty_device_contiguous_dtype::<R>(client.clone(), x.device.clone(), shape, dtype);
    let (count, dim) = units_for(out.meta.num_elements());
    // SAFETY: units beyond the result do nothing, and places beyond the map are not read.
    unsafe {
        look::launch_unchecked::<R>(
            &client,
            count,
            dim,
            x.into_tensor_arg(),
            out.clone().into_tensor_arg(),
            filter,
            dtype_of(dtype),
        );
    }
    out
}

/// Every channel with a filter of its own; `shape` is that of the result.
pub(super) fn depthwise<R: CubeRuntime>(
    x: CubeTensor<R>,
    weight: CubeTensor<R>,
    bias: CubeTensor<R>,
    filter: Filter,
    shape: Shape,
) -> CubeTensor<R> {
    let (weight, bias) = (as_rows(weight), into_contiguous(bias));
    let (client, dtype) = (x.client.clone(), x.dtype);
    let out = empty_device_contiguous_dtype::<R>(client.clone(), x.device.clone(), shape, dtype);
    let (count, dim) = units_for(out.meta.num_elements());
    // SAFETY: as above.
    unsafe {
        filter_channels::launch_unchecked::<R>(
            &client,
            count,
            dim,
            x.into_tensor_arg(),
            weight.into_tensor_arg(),
            bias.into_tensor_arg(),
            out.clone().into_tensor_arg(),
            filter,
            dtype_of(dtype),
        );
    }
    out
}

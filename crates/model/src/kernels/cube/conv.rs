//! Convolutions of channels-last maps: gathering for a matrix product, and one filter per channel.

use burn_cubecl::CubeRuntime;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use burn_tensor::{DType, Shape};
use cubecl::prelude::*;

use super::launch::{as_rows, dtype_of, pack_of, units_for};

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

/// `x [b, lines, columns, channels]` with strides `steps` to `pixels` rows of `width`, for each pixel of maps of `to` lines and columns
/// what the filter sees there, `[kh * kw * c]`, and zeros up to that width.
#[cube(launch_unchecked)]
fn look<F: Float, O: Float>(
    x: &Array<F>,
    out: &mut Array<O>,
    pixels: usize,
    width: usize,
    to: (usize, usize),
    lines: usize,
    columns: usize,
    channels: usize,
    steps: (usize, usize, usize, usize),
    #[comptime] filter: Filter,
    #[define(F)] _dtype: StorageType,
    #[define(O)] _output: StorageType,
) {
    let place = ABSOLUTE_POS as usize;
    if place < pixels * width {
        let (pixel, input) = (place / width, place % width);
        let (tap, channel) = (input / channels, input % channels);
        let column = pixel % to.1 * filter.stride + tap % filter.width;
        let line = pixel / to.1 % to.0 * filter.stride + tap / filter.width;
        let item = pixel / to.1 / to.0;
        let before = filter.padding;
        let mut value = F::new(0.0);
        if tap < comptime!(filter.height * filter.width)
            && line >= before
            && line < lines + before
            && column >= before
            && column < columns + before
        {
            value = x[item * steps.0 + (line - before) * steps.1 + (column - before) * steps.2 + channel * steps.3];
        }
        out[place] = O::cast_from(value);
    }
}

/// `x [b, lines, columns, c]` with strides `steps`, `weight [kh * kw, c]` in rows `line` apart and `bias [c]` to `out`, `pixels` of maps
/// of `to` lines and columns; the stride is 1. All numbers count packs of channels, of which a pixel has `width`.
///
/// The sum is in f32.
#[cube(launch_unchecked)]
fn filter_channels<F: Float, N: Size>(
    x: &Array<Vector<F, N>>,
    weight: &Array<Vector<F, N>>,
    bias: &Array<Vector<F, N>>,
    out: &mut Array<Vector<F, N>>,
    pixels: usize,
    width: usize,
    to: (usize, usize),
    lines: usize,
    columns: usize,
    steps: (usize, usize, usize),
    line: usize,
    #[comptime] filter: Filter,
    #[define(F)] _dtype: StorageType,
) {
    let place = ABSOLUTE_POS as usize;
    if place < pixels * width {
        let (pixel, channel) = (place / width, place % width);
        let column = pixel % to.1;
        let row = pixel / to.1 % to.0;
        let before = filter.padding;
        let start = pixel / to.1 / to.0 * steps.0 + channel;
        let mut sum = Vector::<f32, N>::cast_from(bias[channel]);
        for dy in 0..filter.height {
            let from = row + dy;
            if from >= before && from < lines + before {
                #[unroll]
                for dx in 0..filter.width {
                    let across = column + dx;
                    if across >= before && across < columns + before {
                        let value = x[start + (from - before) * steps.1 + (across - before) * steps.2];
                        let factor = weight[(dy * filter.width + dx) * line + channel];
                        sum += Vector::<f32, N>::cast_from(value) * Vector::<f32, N>::cast_from(factor);
                    }
                }
            }
        }
        out[place] = Vector::cast_from(sum);
    }
}

/// What the filter sees at each place, as rows for a matrix product; `shape` and `dtype` are those of the result, whose rows may be longer.
pub(super) fn gather<R: CubeRuntime>(x: CubeTensor<R>, filter: Filter, shape: Shape, dtype: DType) -> CubeTensor<R> {
    let client = x.client.clone();
    let out = empty_device_contiguous_dtype::<R>(client.clone(), x.device.clone(), shape, dtype);
    let (count, dim) = units_for(out.meta.num_elements());
    let [items, height, width, inputs]: [usize; 4] = out.meta.shape().dims();
    let [_, lines, columns, channels]: [usize; 4] = x.meta.shape().dims();
    let steps = (x.meta.strides()[0], x.meta.strides()[1], x.meta.strides()[2], x.meta.strides()[3]);
    let from = dtype_of(x.dtype);
    // SAFETY: units beyond the result do nothing, and places beyond the map are not read.
    unsafe {
        look::launch_unchecked::<R>(
            &client,
            count,
            dim,
            x.into_array_arg(),
            out.clone().into_array_arg(),
            items * height * width,
            inputs,
            (height, width),
            lines,
            columns,
            channels,
            steps,
            filter,
            from,
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
    let x = if x.meta.strides()[3] == 1 { x } else { into_contiguous(x) };
    let (weight, bias) = (as_rows(weight), into_contiguous(bias));
    let (client, dtype) = (x.client.clone(), x.dtype);
    let out = empty_device_contiguous_dtype::<R>(client.clone(), x.device.clone(), shape, dtype);
    let [items, height, width, channels]: [usize; 4] = out.meta.shape().dims();
    let [_, lines, columns, _]: [usize; 4] = x.meta.shape().dims();
    let strides = [x.meta.strides()[0], x.meta.strides()[1], x.meta.strides()[2], weight.meta.strides()[0]];
    let pack = pack_of(strides.into_iter().chain([channels]));
    let [item, row, pixel, line] = strides.map(|stride| stride / pack);
    let (count, dim) = units_for(out.meta.num_elements() / pack);
    // SAFETY: as above.
    unsafe {
        filter_channels::launch_unchecked::<R>(
            &client,
            count,
            dim,
            pack,
            x.into_array_arg(),
            weight.into_array_arg(),
            bias.into_array_arg(),
            out.clone().into_array_arg(),
            items * height * width,
            channels / pack,
            (height, width),
            lines,
            columns,
            (item, row, pixel),
            line,
            filter,
            dtype_of(dtype),
        );
    }
    out
}

//! Maps to windows and back.

use burn_cubecl::CubeRuntime;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use burn_tensor::Shape;
use cubecl::prelude::*;

use super::launch::{dtype_of, units_for};

/// `x [b, h, w, c]` with any strides to `out [b * windows, side, side, c]`, zeros where a window reaches over the edge.
#[cube(launch_unchecked)]
fn cut<F: Float>(x: &Tensor<F>, out: &mut Tensor<F>, #[comptime] side: usize, #[define(F)] _dtype: StorageType) {
    let place = ABSOLUTE_POS as usize;
    if place < out.len() {
        let (height, width, channels) = (x.shape(1), x.shape(2), x.shape(3));
        let (down, right) = ((height + side - 1) / side, (width + side - 1) / side);
        let pixel = place / channels;
        let window = pixel / comptime!(side * side);
        let inside = pixel % comptime!(side * side);
        let line = window / right % down * side + inside / side;
        let column = window % right * side + inside % side;
        let mut value = F::new(0.0);
        if line < height && column < width {
            value = x[window / right / down * x.stride(0)
                + line * x.stride(1)
                + column * x.stride(2)
                + place % channels * x.stride(3)];
        }
        out[place] = value;
    }
}

/// `windows [b * windows, side, side, c]` without gaps to `out [b, h, w, c]`.
#[cube(launch_unchecked)]
fn join<F: Float>(windows: &Tensor<F>, out: &mut Tensor<F>, #[comptime] side: usize, #[define(F)] _dtype: StorageType) {
    let place = ABSOLUTE_POS as usize;
    if place < out.len() {
        let (height, width, channels) = (out.shape(1), out.shape(2), out.shape(3));
        let (down, right) = ((height + side - 1) / side, (width + side - 1) / side);
        let channel = place % channels;
        let pixel = place / channels;
        let column = pixel % width;
        let line = pixel / width % height;
        let item = pixel / width / height;
        let window = (item * down + line / side) * right + column / side;
        let inside = line % side * side + column % side;
        out[place] = windows[(window * comptime!(side * side) + inside) * channels + channel];
    }
}

/// Cuts a map; `shape` is that of the windows.
pub(super) fn partition<R: CubeRuntime>(x: CubeTensor<R>, side: usize, shape: Shape) -> CubeTensor<R> {
    let (client, dtype) = (x.client.clone(), x.dtype);
    let out = empty_device_contiguous_dtype::<R>(client.clone(), x.device.clone(), shape, dtype);
    let (count, dim) = units_for(out.meta.num_elements());
    // SAFETY: units beyond the result do nothing, and places beyond the map are not read.
    unsafe {
        cut::launch_unchecked::<R>(
            &client,
            count,
            dim,
            x.into_tensor_arg(),
            out.clone().into_tensor_arg(),
            side,
            dtype_of(dtype),
        );
    }
    out
}

/// Puts windows together, dropping what reaches over the edge; `shape` is that of the result.
pub(super) fn unpartition<R: CubeRuntime>(windows: CubeTensor<R>, side: usize, shape: Shape) -> CubeTensor<R> {
    let windows = into_contiguous(windows);
    let (client, dtype) = (windows.client.clone(), windows.dtype);
    let out = empty_device_contiguous_dtype::<R>(client.clone(), windows.device.clone(), shape, dtype);
    let (count, dim) = units_for(out.meta.num_elements());
    // SAFETY: units beyond the result do nothing; every pixel of the map is in a window.
    unsafe {
        join::launch_unchecked::<R>(
            &client,
            count,
            dim,
            windows.into_tensor_arg(),
            out.clone().into_tensor_arg(),
            side,
            dtype_of(dtype),
        );
    }
    out
}

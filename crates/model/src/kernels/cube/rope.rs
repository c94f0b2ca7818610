//! Rotary position encoding.

use burn_cubecl::CubeRuntime;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::launch::{as_rows, dtype_of, units_for};

/// `x [b, n, c]` with any strides; the first `rotated` tokens turn by the tables' rows, over and over, the others stay.
///
/// One unit for each pair of channels. How many tokens turn is the length of `rotated`.
#[cube(launch_unchecked)]
fn rotate<F: Float>(
    x: &Tensor<F>,
    cos: &Tensor<f32>,
    sin: &Tensor<f32>,
    out: &mut Tensor<F>,
    rotated: u32,
    #[define(F)] _dtype: StorageType,
) {
    let place = ABSOLUTE_POS as usize;
    let (rows, half) = (cos.shape(0), cos.shape(1));
    if place < out.len() / 2 {
        let pair = place % half;
        let token = place / half;
        let (batch, token) = (token / x.shape(1), token % x.shape(1));
        let from = batch * x.stride(0) + token * x.stride(1);
        let a = f32::cast_from(x[from + pair * x.stride(2)]);
        let b = f32::cast_from(x[from + (pair + half) * x.stride(2)]);
        let mut c = 1.0f32;
        let mut s = 0.0f32;
        if token < rotated as usize {
            c = cos[token % rows * cos.stride(0) + pair];
            s = sin[token % rows * sin.stride(0) + pair];
        }
        let to = (batch * x.shape(1) + token) * 2 * half + pair;
        out[to] = F::cast_from(a * c - b * s);
        out[to + half] = F::cast_from(a * s + b * c);
    }
}

/// Turns the first `rotated` tokens of `x [b, n, c]` by the tables `[m, c / 2]`.
pub(super) fn rope<R: CubeRuntime>(
    x: CubeTensor<R>,
    cos: CubeTensor<R>,
    sin: CubeTensor<R>,
    rotated: usize,
) -> CubeTensor<R> {
    let (cos, sin) = (as_rows(cos), as_rows(sin));
    let (client, dtype) = (x.client.clone(), x.dtype);
    let out = empty_device_contiguous_dtype::<R>(client.clone(), x.device.clone(), x.meta.shape().clone(), dtype);
    let (count, dim) = units_for(out.meta.num_elements() / 2);
    // SAFETY: units beyond the result do nothing, and rows of the tables are taken modulo their number.
    unsafe {
        rotate::launch_unchecked::<R>(
            &client,
            count,
            dim,
            x.into_tensor_arg(),
            cos.into_tensor_arg(),
            sin.into_tensor_arg(),
            out.clone().into_tensor_arg(),
            rotated as u32,
            dtype_of(dtype),
        );
    }
    out
}

//! Rotary position encoding.

use burn_cubecl::CubeRuntime;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::launch::{as_rows, dtype_of, units_for};

/// `x [b, n, c]` with any strides; the first `rotated` tokens turn by the tables' rows, over and over, the others stay.
///
/// There are `pairs` pairs of channels in all, one unit for each, and `half` of a token; a token's channels are `steps.2` apart, tokens
/// `steps.1`, batch items `steps.0`. The tables have `rows` rows of `half`, each as far apart as `lines` says.
#[cube(launch_unchecked)]
fn rotate<F: Float>(
    x: &Array<F>,
    cos: &Array<f32>,
    sin: &Array<f32>,
    out: &mut Array<F>,
    pairs: usize,
    tokens: usize,
    steps: (usize, usize, usize),
    rotated: usize,
    rows: usize,
    half: usize,
    lines: (usize, usize),
    #[define(F)] _dtype: StorageType,
) {
    let place = ABSOLUTE_POS as usize;
    if place < pairs {
        let pair = place % half;
        let token = place / half;
        let (batch, token) = (token / tokens, token % tokens);
        let from = batch * steps.0 + token * steps.1;
        let a = f32::cast_from(x[from + pair * steps.2]);
        let b = f32::cast_from(x[from + (pair + half) * steps.2]);
        let mut c = 1.0f32;
        let mut s = 0.0f32;
        if token < rotated {
            c = cos[token % rows * lines.0 + pair];
            s = sin[token % rows * lines.1 + pair];
        }
        let to = (batch * tokens + token) * 2 * half + pair;
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
    let pairs = out.meta.num_elements() / 2;
    let (count, dim) = units_for(pairs);
    let (tokens, steps) = (x.meta.shape()[1], (x.meta.strides()[0], x.meta.strides()[1], x.meta.strides()[2]));
    let [rows, half]: [usize; 2] = cos.meta.shape().dims();
    let lines = (cos.meta.strides()[0], sin.meta.strides()[0]);
    // SAFETY: units beyond the result do nothing, and rows of the tables are taken modulo their number.
    unsafe {
        rotate::launch_unchecked::<R>(
            &client,
            count,
            dim,
            x.into_array_arg(),
            cos.into_array_arg(),
            sin.into_array_arg(),
            out.clone().into_array_arg(),
            pairs,
            tokens,
            steps,
            rotated,
            rows,
            half,
            lines,
            dtype_of(dtype),
        );
    }
    out
}

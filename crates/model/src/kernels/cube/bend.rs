//! Curves, value by value.

use burn_cubecl::CubeRuntime;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::launch::{dtype_of, units_for};

/// A curve whose numbers are arguments of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Bend {
    /// See [`gelu()`].
    Gelu,
    /// `scale * sigmoid(x) + offset`
    Shade,
}

/// `x * (1 + erf(x / sqrt(2))) / 2`
#[cube]
pub(super) fn gelu(x: f32) -> f32 {
    x * 0.5f32 * (1.0f32 + Erf::erf(x * comptime!(std::f32::consts::FRAC_1_SQRT_2)))
}

/// One unit for each of `count` values.
#[cube(launch_unchecked)]
fn bend_each<F: Float>(
    x: &Array<F>,
    out: &mut Array<F>,
    count: usize,
    scale: f32,
    offset: f32,
    #[comptime] bend: Bend,
    #[define(F)] _dtype: StorageType,
) {
    let place = ABSOLUTE_POS as usize;
    if place < count {
        let value = f32::cast_from(x[place]);
        let bent = if comptime!(bend == Bend::Gelu) { gelu(value) } else { scale / (1.0f32 + (-value).exp()) + offset };
        out[place] = F::cast_from(bent);
    }
}

/// All values of a tensor, bent; `scale` and `offset` are those of a [`Bend::Shade`].
pub(super) fn bend<R: CubeRuntime>(x: CubeTensor<R>, bend: Bend, scale: f32, offset: f32) -> CubeTensor<R> {
    let x = into_contiguous(x);
    let (client, dtype, count) = (x.client.clone(), x.dtype, x.meta.num_elements());
    let shape = x.meta.shape().clone();
    let out = empty_device_contiguous_dtype::<R>(client.clone(), x.device.clone(), shape, dtype);
    let (cubes, dim) = units_for(count);
    // SAFETY: units beyond the last value do nothing.
    unsafe {
        bend_each::launch_unchecked::<R>(
            &client,
            cubes,
            dim,
            x.into_array_arg(),
            out.clone().into_array_arg(),
            count,
            scale,
            offset,
            bend,
            dtype_of(dtype),
        );
    }
    out
}

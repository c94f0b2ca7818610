//! Rounding to bfloat16.

use burn_cubecl::CubeRuntime;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::launch::units_for;

/// On the bits: compilers for GPUs may merge a product and a sum into one rounding, which arithmetic tricks do not survive.
#[cube(launch_unchecked)]
fn round(x: &Tensor<f32>, out: &mut Tensor<f32>) {
    let place = ABSOLUTE_POS as usize;
    if place < out.len() {
        let bits = u32::reinterpret(x[place]);
        let even = bits >> 16 & 1;
        out[place] = f32::reinterpret((bits + 0x7fff + even) >> 16 << 16);
    }
}

/// Rounds every value to the nearest bfloat16, ties to even. What is not a number may become infinite.
pub(super) fn round_bf16<R: CubeRuntime>(x: CubeTensor<R>) -> CubeTensor<R> {
    let x = into_contiguous(x);
    let client = x.client.clone();
    let out = empty_device_contiguous_dtype::<R>(client.clone(), x.device.clone(), x.meta.shape().clone(), x.dtype);
    let (count, dim) = units_for(out.meta.num_elements());
    // SAFETY: units beyond the result do nothing; both tensors are without gaps and of one size.
    unsafe {
        round::launch_unchecked::<R>(&client, count, dim, x.into_tensor_arg(), out.clone().into_tensor_arg());
    }
    out
}

//! Masks as products of filters with a map.

use burn_cubecl::CubeRuntime;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use burn_tensor::{DType, Shape};
use cubecl::prelude::*;

use super::launch::{as_rows, units_for};

/// `filters [b * f, c]` and `map [b * p, c]` to `out [b, f, p]`, a unit for each pixel.
#[cube(launch_unchecked)]
fn filter(
    filters: &Tensor<f32>,
    map: &Tensor<f32>,
    out: &mut Tensor<f32>,
    #[comptime] count: usize,
    #[comptime] channels: usize,
) {
    let place = ABSOLUTE_POS as usize;
    let pixels = out.shape(2);
    if place < out.shape(0) * pixels {
        let (item, pixel) = (place / pixels, place % pixels);
        let mut sums = Array::<f32>::new(count);
        #[unroll]
        for f in 0..count {
            sums[f] = 0.0;
        }
        for c in 0..channels {
            let value = map[place * map.stride(0) + c];
            #[unroll]
            for f in 0..count {
                sums[f] += value * filters[(item * count + f) * filters.stride(0) + c];
            }
        }
        #[unroll]
        for f in 0..count {
            out[(item * count + f) * pixels + pixel] = sums[f];
        }
    }
}

/// Products of every filter with every pixel.
pub(super) fn filter_map<R: CubeRuntime>(filters: CubeTensor<R>, map: CubeTensor<R>) -> CubeTensor<R> {
    let [batch, count, channels]: [usize; 3] = filters.meta.shape().dims();
    let pixels = map.meta.shape()[1];
    let (filters, map) = (as_rows(filters), as_rows(map));
    let client = map.client.clone();
    let shape = Shape::new([batch, count, pixels]);
    let out = empty_device_contiguous_dtype::<R>(client.clone(), map.device.clone(), shape, DType::F32);
    let (cubes, dim) = units_for(batch * pixels);
    // SAFETY: units beyond the map do nothing, and the result has a place for every filter and pixel.
    unsafe {
        filter::launch_unchecked::<R>(
            &client,
            cubes,
            dim,
            filters.into_tensor_arg(),
            map.into_tensor_arg(),
            out.clone().into_tensor_arg(),
            count,
            channels,
        );
    }
    out
}

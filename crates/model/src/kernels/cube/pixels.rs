//! Pictures, and masks as products of filters with a map.

use burn_cubecl::CubeRuntime;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use burn_tensor::{DType, Shape};
use cubecl::prelude::*;

use super::launch::{as_rows, units_for};
use crate::image::normalise::{DEVIATION, MEAN};

/// `words`, each of four bytes of an RGB picture, lowest first, to `out`, `(byte / 255 - mean) / deviation` of each.
#[cube(launch_unchecked)]
fn unpack(words: &Tensor<u32>, out: &mut Tensor<f32>) {
    let place = ABSOLUTE_POS as usize;
    if place < out.len() {
        let byte = words[place / 4] >> (place % 4 * 8) as u32 & 0xff;
        let colour = place % 3;
        let mut mean = f32::new(comptime!(MEAN[0]));
        let mut deviation = f32::new(comptime!(DEVIATION[0]));
        if colour == 1 {
            mean = f32::new(comptime!(MEAN[1]));
            deviation = f32::new(comptime!(DEVIATION[1]));
        } else if colour == 2 {
            mean = f32::new(comptime!(MEAN[2]));
            deviation = f32::new(comptime!(DEVIATION[2]));
        }
        out[place] = (f32::cast_from(byte) / 255.0f32 - mean) / deviation;
    }
}

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

/// The normalised picture; `shape` is that of the result.
pub(super) fn normalise<R: CubeRuntime>(words: CubeTensor<R>, shape: Shape) -> CubeTensor<R> {
    let client = words.client.clone();
    let out = empty_device_contiguous_dtype::<R>(client.clone(), words.device.clone(), shape, DType::F32);
    let (count, dim) = units_for(out.meta.num_elements());
    // SAFETY: units beyond the result do nothing, and there is a byte for each value of it.
    unsafe {
        unpack::launch_unchecked::<R>(&client, count, dim, words.into_tensor_arg(), out.clone().into_tensor_arg());
    }
    out
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

//! Normalisation over the last dimension, a row for each plane of units.

use burn_cubecl::CubeRuntime;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use burn_tensor::{DType, Shape};
use cubecl::prelude::*;

use super::launch::{as_rows, cubes, dtype_of};

/// Units of a cube.
const UNITS: usize = 256;

/// Rows of so many channels are worked on by one unit each: most of a plane would have nothing to do.
const NARROW: usize = 8;

/// How wide rows are and who works on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Rows {
    channels: usize,
    /// Units that share a row: a plane, or 1.
    plane: usize,
    /// The bits of the f32 that is added to variances.
    epsilon: u32,
    /// Side of the windows that the map is cut into on its way; 0 for none.
    window: usize,
    /// Height and width of that map.
    map: [usize; 2],
}

/// The sum over the units that share a row.
#[cube]
fn sum_of_plane(value: f32, #[comptime] rows: Rows) -> f32 {
    if comptime!(rows.plane > 1) { plane_sum(value) } else { value }
}

/// `x [b * h * w, channels]`, whose rows are `line` apart, to `total` rows, one for each pixel; rows beyond the map, which fill up windows,
/// are zeros.
///
/// The sums are in f32, whatever is read and written.
#[cube(launch_unchecked)]
fn normalise<I: Float, O: Float>(
    x: &Array<I>,
    weight: &Array<f32>,
    bias: &Array<f32>,
    out: &mut Array<O>,
    total: usize,
    line: usize,
    #[comptime] rows: Rows,
    #[define(I)] _input: StorageType,
    #[define(O)] _output: StorageType,
) {
    let lane = UNIT_POS_X as usize;
    let row = CUBE_POS as usize * comptime!(UNITS / rows.plane) + UNIT_POS_Y as usize;
    if row < total {
        let mut there = true;
        let mut pixel = row;
        if comptime!(rows.window > 0) {
            let side = comptime!(rows.window);
            let (height, width) = comptime!((rows.map[0], rows.map[1]));
            let (down, right) = comptime!((rows.map[0].div_ceil(rows.window), rows.map[1].div_ceil(rows.window)));
            let window = row / comptime!(side * side);
            let place = row % comptime!(side * side);
            let y = window / right % down * side + place / side;
            let column = window % right * side + place % side;
            there = y < height && column < width;
            pixel = (window / right / down * height + y) * width + column;
        }
        let own = comptime!(rows.channels.div_ceil(rows.plane));
        let mut values = Array::<f32>::new(own);
        let mut sum = 0.0f32;
        #[unroll]
        for i in 0..own {
            let channel = i * rows.plane + lane;
            let mut value = 0.0f32;
            if there && channel < rows.channels {
                value = f32::cast_from(x[pixel * line + channel]);
            }
            values[i] = value;
            sum += value;
        }
        let mean = sum_of_plane(sum, rows) / comptime!(rows.channels as f32);
        let mut squares = 0.0f32;
        #[unroll]
        for i in 0..own {
            if i * rows.plane + lane < rows.channels {
                let centred = values[i] - mean;
                squares += centred * centred;
            }
        }
        let variance = sum_of_plane(squares, rows) / comptime!(rows.channels as f32);
        let deviation = (variance + comptime!(f32::from_bits(rows.epsilon))).sqrt();
        #[unroll]
        for i in 0..own {
            let channel = i * rows.plane + lane;
            if channel < rows.channels {
                let mut value = 0.0f32;
                if there {
                    value = (values[i] - mean) / deviation * weight[channel] + bias[channel];
                }
                out[row * rows.channels + channel] = O::cast_from(value);
            }
        }
    }
}

/// The size of planes where all of them have the same.
fn plane<R: CubeRuntime>(client: &ComputeClient<R>) -> Option<usize> {
    let hardware = &client.properties().hardware;
    let known =
        hardware.plane_size_min == hardware.plane_size_max && UNITS as u32 % hardware.plane_size_max.max(1) == 0;
    known.then_some(hardware.plane_size_max as usize)
}

/// Normalises rows of `x`; with a `window`, `x [b, h, w, channels]` is cut into windows of that side as well.
///
/// `shape` and `out` are those of the result.
pub(super) fn layer_norm<R: CubeRuntime>(
    x: CubeTensor<R>,
    weight: CubeTensor<R>,
    bias: CubeTensor<R>,
    epsilon: f64,
    window: usize,
    shape: Shape,
    out: DType,
) -> CubeTensor<R> {
    let map = match *x.meta.shape().as_slice() {
        [_, height, width, _] if window > 0 => [height, width],
        _ => [0; 2],
    };
    let (x, weight, bias) = (as_rows(x), into_contiguous(weight), into_contiguous(bias));
    let (client, dtype, line) = (x.client.clone(), x.dtype, x.meta.strides()[0]);
    let channels = weight.meta.shape()[0];
    let plane = plane(&client).filter(|_| channels > NARROW).unwrap_or(1);
    let rows = Rows { channels, plane, epsilon: (epsilon as f32).to_bits(), window, map };
    let count = shape.num_elements() / channels;
    let types = (dtype_of(dtype), dtype_of(out));
    let out = empty_device_contiguous_dtype::<R>(client.clone(), x.device.clone(), shape, out);
    // SAFETY: the kernel compares every place that it reads or writes with the shapes of the map and of the result.
    unsafe {
        normalise::launch_unchecked::<R>(
            &client,
            cubes(count.div_ceil(UNITS / plane)),
            CubeDim::new_2d(plane as u32, (UNITS / plane) as u32),
            x.into_array_arg(),
            weight.into_array_arg(),
            bias.into_array_arg(),
            out.clone().into_array_arg(),
            count,
            line,
            rows,
            types.0,
            types.1,
        );
    }
    out
}

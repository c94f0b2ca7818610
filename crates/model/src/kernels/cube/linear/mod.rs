//! Matrix products that end as the network needs them: with a bias, an activation, and added to what was there before.

mod tensor_core;
mod unit;

use burn_cubecl::CubeRuntime;
use burn_cubecl::kernel::{cast, into_contiguous};
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use burn_tensor::{DType, Shape};
use cubecl::prelude::*;

use super::super::Curve;
use super::launch::{as_rows, dtype_of, multiplies};
use tensor_core::Tile;

/// What is done with a product before it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Ending {
    pub(super) biased: bool,
    pub(super) curve: Curve,
    /// Whether `before`, which is like the result, is added.
    pub(super) adds: bool,
    /// Side of the windows that rows stand for the pixels of, which go back to their place in a map; 0 for rows that stay where
    /// they are.
    pub(super) window: usize,
    /// Height and width of that map.
    pub(super) map: [usize; 2],
}

/// Whether a row is in the result, and which one it is there.
#[cube]
fn place_of(row: usize, #[comptime] ending: Ending) -> (bool, usize) {
    let mut there = true;
    let mut place = row;
    if comptime!(ending.window > 0) {
        let side = comptime!(ending.window);
        let (height, width) = comptime!((ending.map[0], ending.map[1]));
        let (down, right) = comptime!((ending.map[0].div_ceil(ending.window), ending.map[1].div_ceil(ending.window)));
        let window = row / comptime!(side * side);
        let inside = row % comptime!(side * side);
        let line = window / right % down * side + inside / side;
        let column = window % right * side + inside % side;
        there = line < height && column < width;
        place = (window / right / down * height + line) * width + column;
    }
    (there, place)
}

/// A sum of products as it is written.
#[cube]
fn finish(
    sum: f32,
    bias: &Tensor<f32>,
    before: &Tensor<f32>,
    row: usize,
    column: usize,
    #[comptime] ending: Ending,
) -> f32 {
    let mut value = sum;
    if comptime!(ending.biased) {
        value += bias[column];
    }
    match comptime!(ending.curve) {
        Curve::Straight => {}
        Curve::Gelu => {
            value = value * 0.5f32 * (1.0f32 + (value * comptime!(std::f32::consts::FRAC_1_SQRT_2)).erf());
        }
        Curve::Relu => {
            value = max(value, 0.0f32);
        }
    }
    if comptime!(ending.adds) {
        value += before[row * before.stride(0) + column];
    }
    value
}

/// A layer of the network.
#[derive(Clone)]
pub(super) struct Layer<R: CubeRuntime> {
    /// `[in, out]`
    pub(super) weight: CubeTensor<R>,
    /// `[out]`, f32
    pub(super) bias: Option<CubeTensor<R>>,
}

/// `curve(x [.., in] * weight + bias) + before` as rows `[m, out]`; `before` may be a map that rows go back to from windows of side
/// `window`, and has the shape of the result then.
///
/// 16-bit weights go through the matrix units where there are any that are known here; everything else is done in f32.
pub(super) fn linear<R: CubeRuntime>(
    x: CubeTensor<R>,
    layer: Layer<R>,
    curve: Curve,
    before: Option<CubeTensor<R>>,
    window: usize,
    dtype: DType,
) -> CubeTensor<R> {
    let (weight, bias) = (as_rows(layer.weight), layer.bias.map(into_contiguous));
    let [inputs, outputs]: [usize; 2] = weight.meta.shape().dims();
    let x = into_contiguous(x);
    let rows = x.meta.num_elements() / inputs;
    let tile = multiplies(&x.client, weight.dtype).then(|| Tile::of(&x.client, [rows, inputs, outputs])).flatten();
    let (client, device) = (x.client.clone(), x.device.clone());
    let shape = before.as_ref().map_or(Shape::new([rows, outputs]), |before| before.meta.shape().clone());
    let map = match *shape.as_slice() {
        [_, height, width, _] if window > 0 => [height, width],
        _ => [0; 2],
    };
    let ending = Ending { biased: bias.is_some(), curve, adds: before.is_some(), window, map };
    let out = empty_device_contiguous_dtype::<R>(client.clone(), device, shape, dtype);
    // Where there is none, any tensor fills the place: the kernel does not look at it.
    let before = before.map(|x| as_rows(if x.dtype == DType::F32 { x } else { cast(x, DType::F32) }));
    let (bias, before) = (bias.unwrap_or_else(|| weight.clone()), before.unwrap_or_else(|| weight.clone()));
    let types = (dtype_of(x.dtype), dtype_of(weight.dtype), dtype_of(dtype));
    // SAFETY: both kernels compare every place that they read or write with the shapes above.
    unsafe {
        match tile {
            Some(tile) => tensor_core::multiply::launch_unchecked::<R>(
                &client,
                tile.count([rows, outputs]),
                tile.dim(),
                tensor_core::PACK,
                x.into_tensor_arg(),
                weight.into_tensor_arg(),
                bias.into_tensor_arg(),
                before.into_tensor_arg(),
                out.clone().into_tensor_arg(),
                tile,
                ending,
                types.0,
                types.1,
                types.2,
            ),
            None => {
                let own = if rows > 64 && outputs > 64 { 8 } else { 4 };
                let side = own * unit::SIDE;
                unit::multiply::launch_unchecked::<R>(
                    &client,
                    CubeCount::Static(outputs.div_ceil(side) as u32, rows.div_ceil(side) as u32, 1),
                    CubeDim::new_2d(unit::SIDE as u32, unit::SIDE as u32),
                    x.into_tensor_arg(),
                    weight.into_tensor_arg(),
                    bias.into_tensor_arg(),
                    before.into_tensor_arg(),
                    out.clone().into_tensor_arg(),
                    own,
                    ending,
                    types.0,
                    types.1,
                    types.2,
                );
            }
        }
    }
    out
}

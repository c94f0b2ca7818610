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
use super::bend::gelu;
use super::launch::{as_rows, dtype_of, multiplies};
use tensor_core::Tile;

/// Numbers of 16 bits that are moved together. Matrix units are fed with whole packs.
pub(super) const PACK: usize = 8;

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

impl Ending {
    /// Windows of a map.
    fn windows(self) -> usize {
        self.map[0].div_ceil(self.window) * self.map[1].div_ceil(self.window)
    }
}

/// Whether a row is in the result.
#[cube]
fn is_there(row: usize, #[comptime] ending: Ending) -> bool {
    if comptime!(ending.window > 0) {
        let (line, column) = pixel_of(row, ending);
        line < ending.map[0] && column < ending.map[1]
    } else {
        true.runtime()
    }
}

/// Which row of the result it is.
#[cube]
fn place_of(row: usize, #[comptime] ending: Ending) -> usize {
    if comptime!(ending.window > 0) {
        let (line, column) = pixel_of(row, ending);
        let of_item = comptime!(ending.windows() * ending.window * ending.window);
        (row / of_item * ending.map[0] + line) * ending.map[1] + column
    } else {
        row
    }
}

/// Line and column in its map of the pixel that a row of windows stands for.
#[cube]
fn pixel_of(row: usize, #[comptime] ending: Ending) -> (usize, usize) {
    let side = comptime!(ending.window);
    let right = comptime!(ending.map[1].div_ceil(ending.window));
    let window = row / comptime!(side * side) % comptime!(ending.windows());
    let inside = row % comptime!(side * side);
    (window / right * side + inside / side, window % right * side + inside % side)
}

/// A sum of products as it is written; what the ending does not ask for may be anything.
#[cube]
fn finish(sum: f32, bias: f32, before: f32, #[comptime] ending: Ending) -> f32 {
    let biased = if comptime!(ending.biased) { sum + bias } else { sum };
    let curved = if comptime!(ending.curve == Curve::Gelu) {
        gelu(biased)
    } else if comptime!(ending.curve == Curve::Relu) {
        max(biased, 0.0f32)
    } else {
        biased
    };
    if comptime!(ending.adds) { curved + before } else { curved }
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
    let [weight_rows, outputs]: [usize; 2] = weight.meta.shape().dims();
    let x = as_rows(x);
    let [rows, inputs]: [usize; 2] = x.meta.shape().dims();
    let packed = [&x, &weight].into_iter().all(|x| x.meta.strides()[0].is_multiple_of(PACK));
    let known = packed && multiplies(&x.client, weight.dtype);
    let tile = known.then(|| Tile::of(&x.client, [rows, inputs, outputs])).flatten();
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
    // Plain numbers beside arrays: shapes and strides of tensors would go to the device in a copy of their own before every launch.
    let [x_line, weight_line, before_line] = [&x, &weight, &before].map(|x| x.meta.strides()[0]);
    // SAFETY: both kernels compare every place that they read or write with the shapes above.
    unsafe {
        match tile {
            Some(tile) => tensor_core::multiply::launch_unchecked::<R>(
                &client,
                tile.count([rows, outputs]),
                tile.dim(),
                PACK,
                tensor_core::PAIR,
                x.into_array_arg(),
                weight.into_array_arg(),
                bias.into_array_arg(),
                before.into_array_arg(),
                out.clone().into_array_arg(),
                rows,
                inputs,
                weight_rows,
                outputs,
                x_line / PACK,
                weight_line / PACK,
                before_line / tensor_core::PAIR,
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
                    x.into_array_arg(),
                    weight.into_array_arg(),
                    bias.into_array_arg(),
                    before.into_array_arg(),
                    out.clone().into_array_arg(),
                    rows,
                    weight_rows,
                    outputs,
                    x_line,
                    weight_line,
                    before_line,
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

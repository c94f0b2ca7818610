//! From the bytes of a picture to the input of the network: resized with the bits of [`crate::image::resize`], and normalised.
//!
//! Sums are in whole numbers, so that the order in which a device adds does not matter.

use burn_cubecl::CubeRuntime;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use burn_tensor::{DType, Shape};
use cubecl::prelude::*;

use super::launch::{dtype_of, units_for};
use crate::image::filter::Window;
use crate::image::normalise::{DEVIATION, MEAN};
use crate::image::resize::{HALF, PRECISION, down_first, windows};

/// Where a pass finds what it needs in what was uploaded.
#[derive(Clone, Copy, Debug)]
struct Table {
    /// First number of the table, which has for each output its first input and its weights.
    start: usize,
    /// Weights of an output.
    taps: usize,
    /// Inputs in a row.
    inputs: usize,
    /// Outputs in a row.
    outputs: usize,
}

/// How a picture becomes a square.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// Pillow's order: columns before lines, or lines before columns.
    down_first: bool,
    across: Table,
    down: Table,
}

/// How to resize an RGB picture of `[width, height]` pixels, and what to upload for it: four bytes of the picture in each number, lowest
/// first, and behind them the tables.
pub(super) fn plan(rgb: &[u8], [width, height]: [usize; 2], side: usize) -> (Plan, Vec<i32>) {
    let mut words = vec![0; rgb.len().div_ceil(4)];
    bytemuck::cast_slice_mut(&mut words)[..rgb.len()].copy_from_slice(rgb);
    for word in &mut words {
        *word = i32::from_le(*word);
    }
    let across = append(&mut words, &windows(width, side), width);
    let down = append(&mut words, &windows(height, side), height);
    (Plan { down_first: down_first([width, height], [side; 2]), across, down }, words)
}

/// Appends a table: windows that are shorter than others are filled up with weights of 0.
fn append(words: &mut Vec<i32>, windows: &[Window<i32>], inputs: usize) -> Table {
    let taps = windows.iter().map(|window| window.weights.len()).max().unwrap_or(0);
    let table = Table { start: words.len(), taps, inputs, outputs: windows.len() };
    for window in windows {
        // A picture of 2^31 pixels across is none.
        words.push(i32::try_from(window.first).unwrap_or(i32::MAX));
        words.extend_from_slice(&window.weights);
        words.resize(words.len() + taps - window.weights.len(), 0);
    }
    table
}

/// One of the two passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Pass {
    /// From numbers that are a pixel each, red lowest; the first pass is from the bytes of the picture.
    last: bool,
    /// Along columns; otherwise along lines.
    down: bool,
}

/// Red, green or blue of a pixel.
#[cube]
fn colour(from: &Array<i32>, pixel: usize, #[comptime] colour: usize, #[comptime] pass: Pass) -> i32 {
    if comptime!(!pass.last) {
        let byte = pixel * 3 + colour;
        (from[byte / 4] >> (byte % 4 * 8) as i32) & 0xff
    } else {
        (from[pixel] >> comptime!(colour as i32 * 8)) & 0xff
    }
}

/// The byte that a fixed-point sum stands for.
#[cube]
fn to_byte(sum: i32) -> i32 {
    clamp(sum >> comptime!(PRECISION as i32), 0i32, 255i32)
}

/// Red, green and blue of the pixel of the result at `line` and `column`, the weighted sum of `taps` pixels of `from`, whose rows have `width` of
/// them; in the direction of the pass there are `inputs`.
#[cube]
fn mix(
    words: &Array<i32>,
    from: &Array<i32>,
    line: usize,
    column: usize,
    table: usize,
    taps: usize,
    width: usize,
    inputs: usize,
    #[comptime] pass: Pass,
) -> Array<i32> {
    let mut own = line;
    let mut start = column;
    let mut step = width;
    if comptime!(!pass.down) {
        own = column;
        start = line * width;
        step = 1usize.runtime();
    }
    let entry = table + own * (taps + 1);
    let first = words[entry] as usize;
    let mut sums = Array::<i32>::new(3usize);
    #[unroll]
    for c in 0..3usize {
        sums[c] = comptime!(HALF).runtime();
    }
    for tap in 0..taps {
        let weight = words[entry + 1 + tap];
        // Weights of 0 at the end of a window may be beyond the picture.
        let pixel = start + min(first + tap, inputs - 1) * step;
        #[unroll]
        for c in 0..3usize {
            sums[c] += weight * colour(from, pixel, c, pass);
        }
    }
    #[unroll]
    for c in 0..3usize {
        sums[c] = to_byte(sums[c]);
    }
    sums
}

/// A pass to `lines` of `columns` pixels, a unit for each: a number that is a pixel, or, where the pass is the last, three that are
/// `(byte / 255 - mean) / deviation` of each colour. Other arguments are those of [`mix`].
#[cube(launch_unchecked)]
fn resample<O: Numeric>(
    words: &Array<i32>,
    from: &Array<i32>,
    out: &mut Array<O>,
    lines: usize,
    columns: usize,
    table: usize,
    taps: usize,
    width: usize,
    inputs: usize,
    #[comptime] pass: Pass,
    #[define(O)] _output: StorageType,
) {
    let place = ABSOLUTE_POS as usize;
    if place < lines * columns {
        let bytes = mix(words, from, place / columns, place % columns, table, taps, width, inputs, pass);
        if comptime!(pass.last) {
            #[unroll]
            for c in 0..3usize {
                let (mean, deviation) = comptime!((MEAN[c], DEVIATION[c]));
                out[place * 3 + c] = O::cast_from((f32::cast_from(bytes[c]) / 255.0f32 - mean) / deviation);
            }
        } else {
            out[place] = O::cast_from(bytes[0] | (bytes[1] << 8) | (bytes[2] << 16));
        }
    }
}

/// The input of the network, of that shape, from what [`plan`] made.
pub(super) fn picture<R: CubeRuntime>(words: CubeTensor<R>, plan: &Plan, shape: Shape) -> CubeTensor<R> {
    let (across, down) = (plan.across, plan.down);
    let (first, second) = if plan.down_first { (down, across) } else { (across, down) };
    let between = if plan.down_first { [down.outputs, across.inputs] } else { [down.inputs, across.outputs] };
    let pass = Pass { last: false, down: plan.down_first };
    let pixels = run(&words, &words, first, across.inputs, between, (Shape::new(between), DType::I32), pass);
    let pass = Pass { last: true, down: !plan.down_first };
    run(&words, &pixels, second, between[1], [down.outputs, across.outputs], (shape, DType::F32), pass)
}

/// A pass over `from`, whose rows have `width` pixels, to `lines` of `columns`: a tensor of that shape and type.
fn run<R: CubeRuntime>(
    words: &CubeTensor<R>,
    from: &CubeTensor<R>,
    table: Table,
    width: usize,
    [lines, columns]: [usize; 2],
    (shape, dtype): (Shape, DType),
    pass: Pass,
) -> CubeTensor<R> {
    let client = words.client.clone();
    let out = empty_device_contiguous_dtype::<R>(client.clone(), words.device.clone(), shape, dtype);
    let (count, dim) = units_for(lines * columns);
    // SAFETY: units beyond the result do nothing, windows begin within their row, and `mix` stays in it.
    unsafe {
        resample::launch_unchecked::<R>(
            &client,
            count,
            dim,
            words.clone().into_array_arg(),
            from.clone().into_array_arg(),
            out.clone().into_array_arg(),
            lines,
            columns,
            table.start,
            table.taps,
            width,
            table.inputs,
            pass,
            dtype_of(dtype),
        );
    }
    out
}

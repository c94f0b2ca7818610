//! Matrix products in f32, for every GPU.

use cubecl::prelude::*;

use super::{Ending, finish, is_there, place_of};

/// Units of a cube are a square of this side.
pub(super) const SIDE: usize = 16;
/// Inputs taken at a time.
const CHUNK: usize = 16;
/// Lines of shared memory are longer than what they hold, so that units do not wait for each other's bank.
const GAP: usize = 4;

/// `x [rows, inputs]`, `weight [inputs, outputs]`, `bias [outputs]`, each number of a row next to the one before it and rows as far
/// apart as `*_line` says; `before` and `out` as [`Ending`] says.
///
/// Cubes stand for squares of the result of `own * 16` rows and columns; a unit makes `own` by `own` values of it.
#[cube(launch_unchecked)]
pub(super) fn multiply<I: Float, W: Float, O: Float>(
    x: &Array<I>,
    weight: &Array<W>,
    bias: &Array<f32>,
    before: &Array<f32>,
    out: &mut Array<O>,
    rows: usize,
    inputs: usize,
    outputs: usize,
    x_line: usize,
    weight_line: usize,
    before_line: usize,
    #[comptime] own: usize,
    #[comptime] ending: Ending,
    #[define(I)] _input: StorageType,
    #[define(W)] _weight: StorageType,
    #[define(O)] _output: StorageType,
) {
    let side = comptime!(own * SIDE);
    let line = comptime!(own * SIDE + GAP);
    let mut left = SharedMemory::<f32>::new(comptime!(CHUNK * (own * SIDE + GAP)));
    let mut right = SharedMemory::<f32>::new(comptime!(CHUNK * (own * SIDE + GAP)));
    let unit = UNIT_POS as usize;
    let (across, down) = (unit % SIDE, unit / SIDE);
    let (first_row, first_column) = (CUBE_POS_Y as usize * side, CUBE_POS_X as usize * side);

    let mut sums = Array::<f32>::new(comptime!(own * own));
    #[unroll]
    for i in 0..comptime!(own * own) {
        sums[i] = 0.0;
    }
    let mut taken = 0usize;
    while taken < inputs {
        #[unroll]
        for i in 0..own {
            let (row, input) = (i * SIDE + down, taken + across);
            let mut value = 0.0f32;
            if first_row + row < rows && input < inputs {
                value = f32::cast_from(x[(first_row + row) * x_line + input]);
            }
            left[across * line + row] = value;
        }
        #[unroll]
        for i in 0..own {
            let (column, input) = (i * SIDE + across, taken + down);
            let mut value = 0.0f32;
            if first_column + column < outputs && input < inputs {
                value = f32::cast_from(weight[input * weight_line + first_column + column]);
            }
            right[down * line + column] = value;
        }
        sync_cube();
        for c in 0..CHUNK {
            let mut columns = Array::<f32>::new(own);
            #[unroll]
            for j in 0..own {
                columns[j] = right[c * line + j * SIDE + across];
            }
            #[unroll]
            for i in 0..own {
                let one = left[c * line + down * own + i];
                #[unroll]
                for j in 0..own {
                    sums[i * own + j] += one * columns[j];
                }
            }
        }
        sync_cube();
        taken += CHUNK;
    }

    #[unroll]
    for i in 0..own {
        let row = first_row + down * own + i;
        if row < rows && is_there(row, ending) {
            let place = place_of(row, ending);

            #[unroll]
            for j in 0..own {
                let column = first_column + j * SIDE + across;
                if column < outputs {
                    let mut shift = 0.0f32;
                    if comptime!(ending.biased) {
                        shift = bias[column];
                    }
                    let mut there = 0.0f32;
                    if comptime!(ending.adds) {
                        there = before[place * before_line + column];
                    }
                    let value = finish(sums[i * own + j], shift, there, ending);
                    out[place * outputs + column] = O::cast_from(value);
                }
            }
        }
    }
}

//! Matrix products on the matrix units of NVIDIA GPUs: factors of 16 bits, sums in f32.

use cubecl::cmma::MmaDefinition;
use cubecl::ir::MatrixIdent;
use cubecl::prelude::*;

use super::{Ending, finish, place_of};
use burn_cubecl::CubeRuntime;

/// Units of a plane, on all NVIDIA GPUs.
const PLANE: usize = 32;
/// Numbers of 16 bits that are moved together.
pub(super) const PACK: usize = 8;
/// Inputs taken at a time.
const STEP: usize = 32;
/// Planes side by side: this many times the columns of one.
const ACROSS: usize = 2;
/// Packs of a line of shared memory that holds inputs; the last one only keeps eight lines in different banks.
const LEFT_LINE: usize = STEP / PACK + 1;

/// How the work is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Tile {
    /// Planes of a cube, one above the other; twice as many in all.
    down: usize,
    /// Groups of 16 rows of a plane.
    groups: usize,
    /// Pairs of groups of 8 columns of a plane.
    pairs: usize,
}

impl Tile {
    /// How to divide a product of that size, `None` where it cannot be: `[rows, inputs, outputs]`.
    pub(super) fn of<R: CubeRuntime>(client: &ComputeClient<R>, [rows, inputs, outputs]: [usize; 3]) -> Option<Self> {
        if !inputs.is_multiple_of(PACK) || !outputs.is_multiple_of(PACK) {
            return None;
        }
        let processors = client.properties().hardware.num_streaming_multiprocessors.unwrap_or(1) as usize;
        let sizes =
            [(4, 2, 4), (4, 2, 2), (2, 2, 2), (2, 1, 2)].map(|(down, groups, pairs)| Self { down, groups, pairs });
        let [.., smallest] = sizes;
        let busy = |tile: &&Self| rows.div_ceil(tile.rows()) * outputs.div_ceil(tile.columns()) >= processors;
        Some(*sizes.iter().find(busy).unwrap_or(&smallest))
    }

    fn rows(self) -> usize {
        self.down * self.groups * 16
    }

    fn columns(self) -> usize {
        ACROSS * self.pairs * 16
    }

    fn units(self) -> usize {
        self.down * ACROSS * PLANE
    }

    fn right_line(self) -> usize {
        self.columns() / PACK + 1
    }

    pub(super) fn count(self, [rows, outputs]: [usize; 2]) -> CubeCount {
        CubeCount::Static(outputs.div_ceil(self.columns()) as u32, rows.div_ceil(self.rows()) as u32, 1)
    }

    pub(super) fn dim(self) -> CubeDim {
        CubeDim::new_2d(PLANE as u32, (self.down * ACROSS) as u32)
    }
}

/// Reads a unit's share of a block of `lines` lines of `packs` packs; zeros where there is none.
#[cube]
fn fetch<E: Float, N: Size>(
    from: &Tensor<Vector<E, N>>,
    first_line: usize,
    first_pack: usize,
    to: &mut Array<Vector<E, N>>,
    #[comptime] lines: usize,
    #[comptime] packs: usize,
    #[comptime] units: usize,
) {
    let (all_lines, all_packs) = (from.shape(0), from.shape(1) / PACK);
    #[unroll]
    for i in 0..comptime!((lines * packs).div_ceil(units)) {
        let place = i * units + UNIT_POS as usize;
        let (line, pack) = (first_line + place / packs, first_pack + place % packs);
        let mut value = Vector::new(E::new(0.0));
        if place < comptime!(lines * packs) && line < all_lines && pack < all_packs {
            value = from[line * (from.stride(0) / PACK) + pack];
        }
        to[i] = value;
    }
}

/// Writes what [`fetch`] read into shared memory.
#[cube]
fn put<I: Float, E: Float, N: Size>(
    from: &Array<Vector<I, N>>,
    to: &mut SharedMemory<Vector<E, N>>,
    start: usize,
    #[comptime] lines: usize,
    #[comptime] packs: usize,
    #[comptime] line_length: usize,
    #[comptime] units: usize,
) {
    #[unroll]
    for i in 0..comptime!((lines * packs).div_ceil(units)) {
        let place = i * units + UNIT_POS as usize;
        if place < comptime!(lines * packs) {
            to[start + place / packs * line_length + place % packs] = Vector::cast_from(from[i]);
        }
    }
}

/// `x [m, k]`, `weight [k, n]`, `bias [n]`, each number of a row next to the one before it, `k`, `n` and distances of rows
/// multiples of [`PACK`]; `before` and `out` as [`Ending`] says.
///
/// The next inputs are read while the last ones are multiplied.
#[cube(launch_unchecked)]
pub(super) fn multiply<I: Float, E: Float, N: Size, O: Float>(
    x: &Tensor<Vector<I, N>>,
    weight: &Tensor<Vector<E, N>>,
    bias: &Tensor<f32>,
    before: &Tensor<f32>,
    out: &mut Tensor<O>,
    #[comptime] tile: Tile,
    #[comptime] ending: Ending,
    #[define(I)] _input: StorageType,
    #[define(E)] _weight: StorageType,
    #[define(O)] _output: StorageType,
) {
    let units = comptime!(tile.units());
    let (rows_here, columns_here) = comptime!((tile.rows(), tile.columns()));
    let right_line = comptime!(tile.right_line());
    let (groups, pairs) = comptime!((tile.groups, tile.pairs));
    let left_packs = comptime!(STEP / PACK);
    let right_packs = comptime!(tile.columns() / PACK);
    let left_size = comptime!(tile.rows() * LEFT_LINE);
    let right_size = comptime!(STEP * tile.right_line());
    let mut left_there = SharedMemory::<Vector<E, N>>::new(comptime!(2 * left_size));
    let mut right_there = SharedMemory::<Vector<E, N>>::new(comptime!(2 * right_size));

    let definition = MmaDefinition::<E, E, f32>::new(16usize, 8usize, 16usize);
    let lane = UNIT_POS_X as usize;
    let plane = UNIT_POS_Y as usize;
    let own_row = plane / ACROSS * comptime!(groups * 16);
    let own_column = plane % ACROSS * comptime!(pairs * 16);
    let (octet, within) = (lane / 8, lane % 8);
    let first_row = CUBE_POS_Y as usize * rows_here;
    let first_column = CUBE_POS_X as usize * columns_here;
    let (rows, inputs, outputs) = (x.shape(0), x.shape(1), weight.shape(1));

    let mut sums = Sequence::<Array<Vector<f32, Const<2>>>>::new();
    #[unroll]
    for _ in 0..comptime!(groups * pairs * 2) {
        let mut fragment = Array::<Vector<f32, Const<2>>>::new(2usize);
        fragment[0] = Vector::new(0.0f32);
        fragment[1] = Vector::new(0.0f32);
        sums.push(fragment);
    }

    let mut next_left = Array::<Vector<I, N>>::new(comptime!((tile.rows() * left_packs).div_ceil(units)));
    let mut next_right = Array::<Vector<E, N>>::new(comptime!((STEP * right_packs).div_ceil(units)));
    fetch(x, first_row, 0usize, &mut next_left, rows_here, left_packs, units);
    fetch(weight, 0usize, first_column / PACK, &mut next_right, STEP, right_packs, units);

    let steps = (inputs + STEP - 1) / STEP;
    for step in 0..steps {
        let (left_start, right_start) = (step % 2 * left_size, step % 2 * right_size);
        put(&next_left, &mut left_there, left_start, rows_here, left_packs, LEFT_LINE, units);
        put(&next_right, &mut right_there, right_start, STEP, right_packs, right_line, units);
        // With two places in turn, whoever is still at the one before is not disturbed: one wait in a step is enough.
        sync_cube();
        if step + 1 < steps {
            fetch(x, first_row, (step + 1) * left_packs, &mut next_left, rows_here, left_packs, units);
            fetch(weight, (step + 1) * STEP, first_column / PACK, &mut next_right, STEP, right_packs, units);
        }
        #[unroll]
        for part in 0..comptime!(STEP / 16) {
            let mut left = Sequence::<Array<Vector<E, Const<2>>>>::new();
            #[unroll]
            for g in 0..groups {
                let row = own_row + g * 16 + lane % 16;
                let place = left_start + row * LEFT_LINE + part * 2 + lane / 16;
                left.push(definition.load_matrix::<_, Const<2>>(
                    &left_there.slice(place, place + 1),
                    MatrixIdent::A,
                    4usize,
                    false,
                ));
            }
            #[unroll]
            for j in 0..pairs {
                let row = part * 16 + octet % 2 * 8 + within;
                let place = right_start + row * right_line + own_column / PACK + j * 2 + octet / 2;
                let two = definition.load_matrix::<_, Const<2>>(
                    &right_there.slice(place, place + 1),
                    MatrixIdent::B,
                    4usize,
                    true,
                );
                #[unroll]
                for half in 0..2usize {
                    let mut right = Array::<Vector<E, Const<2>>>::new(2usize);
                    right[0] = two[half * 2];
                    right[1] = two[half * 2 + 1];
                    #[unroll]
                    for g in 0..groups {
                        definition.execute_inplace(
                            left.index(g),
                            &right,
                            sums.index_mut(comptime!((g * pairs + j) * 2 + half)),
                        );
                    }
                }
            }
        }
    }

    #[unroll]
    for g in 0..groups {
        #[unroll]
        for r in 0..2usize {
            let row = first_row + own_row + g * 16 + r * 8 + lane / 4;
            if row < rows {
                let (there, place) = place_of(row, ending);
                if there {
                    #[unroll]
                    for j in 0..comptime!(pairs * 2) {
                        let two = sums.index(comptime!(g * pairs * 2 + j))[r];
                        #[unroll]
                        for c in 0..2usize {
                            let column = first_column + own_column + j * 8 + lane % 4 * 2 + c;
                            if column < outputs {
                                let value = finish(two[c], bias, before, place, column, ending);
                                out[place * outputs + column] = O::cast_from(value);
                            }
                        }
                    }
                }
            }
        }
    }
}

//! Matrix products on the matrix units of NVIDIA GPUs: factors of 16 bits, sums in f32.

use burn_cubecl::CubeRuntime;
use cubecl::prelude::*;

use super::super::fragments::{PLANE, Sums, add_products, load_left, product, zeros};
use super::{Ending, PACK, finish, is_there, place_of};

/// Results that a unit writes together.
pub(super) const PAIR: usize = 2;
/// Inputs taken at a time.
const STEP: usize = 64;
/// Steps whose inputs are on their way while earlier ones are multiplied. As many places in shared memory take turns, so that which
/// one it is is known to the compiler.
const AHEAD: usize = 2;
/// Packs of a line of shared memory that holds inputs; the last one only keeps eight lines in different banks.
const LEFT_LINE: usize = STEP / PACK + 1;
/// Planes side by side: this many times the columns of one.
const ACROSS: usize = 2;

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
    ///
    /// The largest that leaves no more than a quarter of the device idle. On an H200 larger ones were slower for all layers of the network.
    pub(super) fn of<R: CubeRuntime>(client: &ComputeClient<R>, [rows, inputs, outputs]: [usize; 3]) -> Option<Self> {
        if !inputs.is_multiple_of(PACK) || !outputs.is_multiple_of(PACK) {
            return None;
        }
        let processors = client.properties().hardware.num_streaming_multiprocessors.unwrap_or(1) as usize;
        let sizes = [(4, 2, 2), (2, 2, 2), (2, 1, 2)].map(|(down, groups, pairs)| Self { down, groups, pairs });
        let [.., smallest] = sizes;
        let cubes = |tile: &Self| rows.div_ceil(tile.rows()) * outputs.div_ceil(tile.columns());
        Some(*sizes.iter().find(|tile| 4 * cubes(tile) >= 3 * processors).unwrap_or(&smallest))
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

/// Reads a unit's share of a block of `lines` lines of `packs` packs; zeros where there is none. `from` has `all_lines` lines of `all_packs` packs,
/// `distance` packs apart.
#[cube]
fn fetch<E: Float, N: Size>(
    from: &Array<Vector<E, N>>,
    all_lines: usize,
    all_packs: usize,
    distance: usize,
    first_line: usize,
    first_pack: usize,
    to: &mut Array<Vector<E, N>>,
    #[comptime] lines: usize,
    #[comptime] packs: usize,
    #[comptime] units: usize,
) {
    #[unroll]
    for i in 0..comptime!((lines * packs).div_ceil(units)) {
        let place = i * units + UNIT_POS as usize;
        let (line, pack) = (first_line + place / packs, first_pack + place % packs);
        let mut value = Vector::new(E::new(0.0));
        let whole = comptime!((lines * packs) % units == 0);
        if (whole || place < comptime!(lines * packs)) && line < all_lines && pack < all_packs {
            value = from[line * distance + pack];
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

/// `x [rows, inputs]`, `weight [weight_rows, outputs]`, `bias [outputs]`, each number of a row next to the one before it; `inputs` and
/// `outputs` are multiples of [`PACK`], and rows are as many packs (or pairs, of `before`) apart as `*_line` says. `before` and `out` as
/// [`Ending`] says.
///
/// Inputs of the next [`AHEAD`] steps are on their way while those of this one are multiplied.
#[cube(launch_unchecked)]
pub(super) fn multiply<I: Float, E: Float, N: Size, O: Float, P: Size>(
    x: &Array<Vector<I, N>>,
    weight: &Array<Vector<E, N>>,
    bias: &Array<Vector<f32, P>>,
    before: &Array<Vector<f32, P>>,
    out: &mut Array<Vector<O, P>>,
    rows: usize,
    inputs: usize,
    weight_rows: usize,
    outputs: usize,
    x_line: usize,
    weight_line: usize,
    before_line: usize,
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
    let mut left_there = SharedMemory::<Vector<E, N>>::new(comptime!(AHEAD * left_size));
    let mut right_there = SharedMemory::<Vector<E, N>>::new(comptime!(AHEAD * right_size));

    let definition = product::<E>();
    let lane = UNIT_POS_X as usize;
    let plane = UNIT_POS_Y as usize;
    let own_row = plane / ACROSS * comptime!(groups * 16);
    let own_column = plane % ACROSS * comptime!(pairs * 16);
    let (octet, within) = (lane / 8, lane % 8);
    let first_row = CUBE_POS_Y as usize * rows_here;
    let first_column = CUBE_POS_X as usize * columns_here;
    let (input_packs, output_packs) = (inputs / PACK, outputs / PACK);
    let mut sums = zeros(comptime!(groups * pairs * 2));

    let mut next_left = Sequence::<Array<Vector<I, N>>>::new();
    let mut next_right = Sequence::<Array<Vector<E, N>>>::new();
    #[unroll]
    for d in 0..AHEAD {
        let mut left = Array::<Vector<I, N>>::new(comptime!((tile.rows() * left_packs).div_ceil(units)));
        let mut right = Array::<Vector<E, N>>::new(comptime!((STEP * right_packs).div_ceil(units)));
        fetch(x, rows, input_packs, x_line, first_row, d * left_packs, &mut left, rows_here, left_packs, units);
        let pack = first_column / PACK;
        fetch(weight, weight_rows, output_packs, weight_line, d * STEP, pack, &mut right, STEP, right_packs, units);
        next_left.push(left);
        next_right.push(right);
    }

    let steps = (inputs + STEP - 1) / STEP;
    for round in 0..(steps + AHEAD - 1) / AHEAD {
        #[unroll]
        for d in 0..AHEAD {
            let step = round * AHEAD + d;
            if step < steps {
                let (left_start, right_start) = comptime!((d * left_size, d * right_size));
                put(next_left.index(d), &mut left_there, left_start, rows_here, left_packs, LEFT_LINE, units);
                put(next_right.index(d), &mut right_there, right_start, STEP, right_packs, right_line, units);
                // Places take turns, so whoever is still at the one before is not disturbed: one wait in a step is enough.
                sync_cube();
                if step + AHEAD < steps {
                    let (input, pack) = ((step + AHEAD) * STEP, first_column / PACK);
                    let left = next_left.index_mut(d);
                    fetch(x, rows, input_packs, x_line, first_row, input / PACK, left, rows_here, left_packs, units);
                    let right = next_right.index_mut(d);
                    fetch(weight, weight_rows, output_packs, weight_line, input, pack, right, STEP, right_packs, units);
                }
                #[unroll]
                for part in 0..comptime!(STEP / 16) {
                    let first = comptime!(d * tile.rows()) + own_row;
                    let left = load_left(&definition, &left_there, first, part * 2, LEFT_LINE, groups);
                    #[unroll]
                    for j in 0..pairs {
                        let row = part * 16 + octet % 2 * 8 + within;
                        let place = right_start + row * right_line + own_column / PACK + j * 2 + octet / 2;
                        add_products(&definition, &left, &right_there, place, &mut sums, j, comptime!(pairs * 2), true);
                    }
                }
            }
        }
    }
    write(
        &sums,
        bias,
        before,
        out,
        rows,
        outputs,
        before_line,
        first_row + own_row,
        first_column + own_column,
        tile,
        ending,
    );
}

/// Ends the sums of a plane, which begin at a row and a column of the result, and writes those that are in it.
#[cube]
fn write<O: Float, P: Size>(
    sums: &Sums,
    bias: &Array<Vector<f32, P>>,
    before: &Array<Vector<f32, P>>,
    out: &mut Array<Vector<O, P>>,
    rows: usize,
    outputs: usize,
    before_line: usize,
    first_row: usize,
    first_column: usize,
    #[comptime] tile: Tile,
    #[comptime] ending: Ending,
) {
    let lane = UNIT_POS_X as usize;
    let (groups, pairs) = comptime!((tile.groups, tile.pairs));
    let mut there = Array::<bool>::new(comptime!(2 * groups));
    let mut places = Array::<usize>::new(comptime!(2 * groups));
    #[unroll]
    for line in 0..comptime!(2 * groups) {
        let row = first_row + line * 8 + lane / 4;
        there[line] = row < rows && is_there(row, ending);
        places[line] = place_of(row, ending);
    }
    #[unroll]
    for j in 0..comptime!(pairs * 2) {
        let column = first_column + j * 8 + lane % 4 * 2;
        if column < outputs {
            let mut shift = Vector::<f32, P>::new(0.0f32);
            if comptime!(ending.biased) {
                shift = bias[column / PAIR];
            }
            #[unroll]
            for line in 0..comptime!(2 * groups) {
                if there[line] {
                    let place = places[line];
                    let two = sums.index(comptime!(line / 2 * pairs * 2 + j))[comptime!(line % 2)];
                    let mut earlier = Vector::<f32, P>::new(0.0f32);
                    if comptime!(ending.adds) {
                        earlier = before[place * before_line + column / PAIR];
                    }
                    let mut result = Vector::<O, P>::new(O::new(0.0));
                    #[unroll]
                    for c in 0..PAIR {
                        result[c] = O::cast_from(finish(two[c], shift[c], earlier[c], ending));
                    }
                    out[(place * outputs + column) / PAIR] = result;
                }
            }
        }
    }
}

//! Operands and results of NVIDIA's matrix units, as the units of a plane hold them.
//!
//! A product is 16 rows by 8 columns over 16 inputs of 16 bits, with sums in f32. Of the result a unit holds in row `lane / 4`, and eight
//! below, columns `lane % 4 * 2` and the next.

use cubecl::cmma::MmaDefinition;
use cubecl::ir::MatrixIdent;
use cubecl::prelude::*;

/// Units of a plane, on all NVIDIA GPUs.
pub(super) const PLANE: usize = 32;
/// Rows of a product; columns are half as many.
pub(super) const ROWS: usize = 16;

/// A unit's share of an operand, in pairs.
pub(super) type Operand<E> = Array<Vector<E, Const<2>>>;
/// Its share of results, each the pairs of its two rows.
pub(super) type Sums = Sequence<Array<Vector<f32, Const<2>>>>;

/// The product that all kernels here are made of.
#[cube]
pub(super) fn product<E: Float>() -> MmaDefinition<E, E, f32> {
    MmaDefinition::<E, E, f32>::new(16usize, 8usize, 16usize)
}

/// Results of nothing yet.
#[cube]
pub(super) fn zeros(#[comptime] count: usize) -> Sums {
    let mut sums = Sequence::<Array<Vector<f32, Const<2>>>>::new();
    #[unroll]
    for _ in 0..count {
        let mut fragment = Array::<Vector<f32, Const<2>>>::new(2usize);
        fragment[0] = Vector::new(0.0f32);
        fragment[1] = Vector::new(0.0f32);
        sums.push(fragment);
    }
    sums
}

/// Left operands from shared memory with lines of `line` packs of eight numbers: `groups` times [`ROWS`] lines from `first` on, two packs
/// of each from `pack` on.
#[cube]
pub(super) fn load_left<E: Float, N: Size>(
    definition: &MmaDefinition<E, E, f32>,
    from: &SharedMemory<Vector<E, N>>,
    first: usize,
    pack: usize,
    #[comptime] line: usize,
    #[comptime] groups: usize,
) -> Sequence<Operand<E>> {
    let lane = UNIT_POS_X as usize;
    let mut left = Sequence::<Operand<E>>::new();
    #[unroll]
    for g in 0..groups {
        let row = first + g * ROWS + lane % 16;
        let place = row * line + pack + lane / 16;
        left.push(definition.load_matrix::<_, Const<2>>(&from.slice(place, place + 1), MatrixIdent::A, 4usize, false));
    }
    left
}

/// Adds products of all left operands with two right ones, which this unit helps to load from `place` of shared memory, to the results
/// of columns `2 * pair` and the next; a left operand has results in `columns` of them. `turned` says that lines of shared memory are
/// inputs, not columns.
#[cube]
pub(super) fn add_products<E: Float, N: Size>(
    definition: &MmaDefinition<E, E, f32>,
    left: &Sequence<Operand<E>>,
    from: &SharedMemory<Vector<E, N>>,
    place: usize,
    sums: &mut Sums,
    #[comptime] pair: usize,
    #[comptime] columns: usize,
    #[comptime] turned: bool,
) {
    let two = definition.load_matrix::<_, Const<2>>(&from.slice(place, place + 1), MatrixIdent::B, 4usize, turned);
    #[unroll]
    for half in 0..2usize {
        let mut right = Operand::<E>::new(2usize);
        right[0] = two[half * 2];
        right[1] = two[half * 2 + 1];
        #[unroll]
        for g in 0..left.len() {
            definition.execute_inplace(left.index(g), &right, sums.index_mut(comptime!(g * columns + pair * 2 + half)));
        }
    }
}

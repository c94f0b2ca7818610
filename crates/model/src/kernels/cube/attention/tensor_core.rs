//! Attention on the matrix units of NVIDIA GPUs: products of 16-bit numbers, sums and weights in f32.
//!
//! The design is FlashAttention-2's (<https://arxiv.org/abs/2307.08691>). A plane owns rows of queries; scores stay in its registers, whose
//! layout as results of one product is the layout that the next one wants of its left operand.

use cubecl::cmma::MmaDefinition;
use cubecl::prelude::*;

use super::super::fragments::{Operand, PLANE, ROWS, Sums, add_products, load_left, product, zeros};

/// Numbers of 16 bits that are moved together.
pub(super) const PACK: usize = 8;
/// Score of a key that is none.
const NEVER: f32 = -1.0e30;

/// How the work is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Tile {
    /// Channels of queries and keys: a multiple of [`PACK`].
    pub(super) score: usize,
    /// Channels of values: likewise.
    pub(super) value: usize,
    /// Planes of a cube.
    pub(super) planes: usize,
    /// Groups of [`ROWS`] queries of a plane.
    pub(super) groups: usize,
    /// Keys taken at a time: a multiple of 16.
    pub(super) keys: usize,
}

impl Tile {
    /// How to divide a problem of that many queries and channels where a cube may have `shared` bytes of shared memory, if it can be.
    ///
    /// Registers decide: of a unit's 255, sums of values take `groups * value / 4` and scores `groups * keys / 4`. Those that come first
    /// were the fastest on an H200.
    pub(super) fn of(queries: usize, score: usize, value: usize, shared: usize) -> Option<Self> {
        let sizes: &[(usize, usize, usize)] = match (queries, value) {
            (..=16, _) => &[(1, 1, 16)],
            (..=32, _) => &[(2, 1, 32)],
            (..=64, _) => &[(4, 1, 32)],
            (_, ..=64) => &[(8, 2, 64), (4, 2, 64), (4, 2, 32), (4, 1, 32)],
            (_, ..=128) => &[(4, 2, 32), (4, 1, 32)],
            _ => &[(8, 1, 64), (8, 1, 32), (4, 1, 32)],
        };
        let tiles = sizes.iter().map(|&(planes, groups, keys)| Self { score, value, planes, groups, keys });
        tiles.filter(|tile| tile.queries() < 2 * queries.max(PLANE)).find(|tile| tile.shared_bytes() <= shared)
    }

    /// Queries of a cube.
    pub(super) fn queries(self) -> usize {
        self.planes * self.groups * ROWS
    }

    fn units(self) -> usize {
        self.planes * PLANE
    }

    /// Packs of a line of shared memory: whole steps of 16 channels, and one more so that eight lines lie in different banks.
    fn score_line(self) -> usize {
        self.score.next_multiple_of(16) / PACK + 1
    }

    fn value_line(self) -> usize {
        self.value.next_multiple_of(16) / PACK + 1
    }

    /// Groups of 8 keys that are taken at a time.
    fn key_tiles(self) -> usize {
        self.keys / 8
    }

    /// Groups of 8 channels of values.
    fn value_tiles(self) -> usize {
        self.value.next_multiple_of(16) / 8
    }

    /// Bytes of shared memory of a cube.
    pub(super) fn shared_bytes(self) -> usize {
        2 * PACK * ((self.queries() + self.keys) * self.score_line() + self.keys * self.value_line())
    }
}

/// Copies rows of 16-bit numbers, `stride` apart from `start` on, into shared memory; zeros where there is none.
#[cube]
fn stage<E: Float, N: Size>(
    from: &Array<Vector<E, N>>,
    start: usize,
    stride: usize,
    first: usize,
    end: usize,
    to: &mut SharedMemory<Vector<E, N>>,
    #[comptime] rows: usize,
    #[comptime] channels: usize,
    #[comptime] line: usize,
    #[comptime] units: usize,
) {
    let packs = comptime!(line - 1);
    let there = comptime!(channels / PACK);
    let rounds = comptime!((rows * packs).div_ceil(units));
    let whole = comptime!((rows * packs) % units == 0);
    // All reads of a few rounds are on their way before the first is waited for.
    let together = comptime!(if rounds % 8 == 0 {
        8
    } else if rounds % 4 == 0 {
        4
    } else {
        1
    });
    for turn in 0..comptime!(rounds / together) {
        let mut read = Array::<Vector<E, N>>::new(together);
        #[unroll]
        for i in 0..together {
            let place = (turn * together + i) * units + UNIT_POS as usize;
            let (row, pack) = (place / packs, place % packs);
            let mut value = Vector::new(E::new(0.0));
            if first + row < end && pack < there && (whole || row < rows) {
                value = from[(start + (first + row) * stride) / PACK + pack];
            }
            read[i] = value;
        }
        #[unroll]
        for i in 0..together {
            let place = (turn * together + i) * units + UNIT_POS as usize;
            let (row, pack) = (place / packs, place % packs);
            if whole || row < rows {
                to[row * line + pack] = read[i];
            }
        }
    }
}

/// The greatest value of a row among the four units that share it.
#[cube]
fn greatest_of_row(value: f32) -> f32 {
    let value = max(value, plane_shuffle_xor(value, 1u32));
    max(value, plane_shuffle_xor(value, 2u32))
}

#[cube]
fn sum_of_row(value: f32) -> f32 {
    let value = value + plane_shuffle_xor(value, 1u32);
    value + plane_shuffle_xor(value, 2u32)
}

/// Scores of the keys that are there for the queries of a plane, from query `own` of its cube on.
#[cube]
fn scores_of<E: Float, N: Size>(
    definition: &MmaDefinition<E, E, f32>,
    queries: &SharedMemory<Vector<E, N>>,
    keys: &SharedMemory<Vector<E, N>>,
    own: usize,
    #[comptime] tile: Tile,
) -> Sums {
    let line = comptime!(tile.score_line());
    let (octet, within) = (UNIT_POS_X as usize / 8, UNIT_POS_X as usize % 8);
    let mut scores = zeros(comptime!(tile.groups * tile.key_tiles()));
    for channels in 0..comptime!(tile.score.div_ceil(16)) {
        let left = load_left(definition, queries, own, channels * 2, line, tile.groups);
        #[unroll]
        for j in 0..comptime!(tile.key_tiles() / 2) {
            let row = j * 16 + octet / 2 * 8 + within;
            let place = row * line + channels * 2 + octet % 2;
            add_products(definition, &left, keys, place, &mut scores, j, comptime!(tile.key_tiles()), false);
        }
    }
    scores
}

/// Leaves out keys beyond the last one, `left` keys from the first.
#[cube]
fn forget_beyond(scores: &mut Sums, left: usize, #[comptime] tile: Tile) {
    let pair = UNIT_POS_X as usize % 4 * 2;
    #[unroll]
    for j in 0..comptime!(tile.key_tiles()) {
        #[unroll]
        for c in 0..2usize {
            if j * 8 + pair + c >= left {
                #[unroll]
                for g in 0..comptime!(tile.groups) {
                    let fragment = scores.index_mut(comptime!(g * tile.key_tiles() + j));
                    let mut upper = fragment[0];
                    let mut lower = fragment[1];
                    upper[c] = f32::new(NEVER);
                    lower[c] = f32::new(NEVER);
                    fragment[0] = upper;
                    fragment[1] = lower;
                }
            }
        }
    }
}

/// Scores become weights relative to the greatest score of their query so far; what was mixed by an earlier greatest one shrinks.
#[cube]
fn weigh(scores: &mut Sums, mixed: &mut Sums, largest: &mut Array<f32>, sum: &mut Array<f32>, #[comptime] tile: Tile) {
    let scale = comptime!(1.0 / (tile.score as f32).sqrt());
    let (key_tiles, value_tiles) = comptime!((tile.key_tiles(), tile.value_tiles()));
    #[unroll]
    for g in 0..comptime!(tile.groups) {
        #[unroll]
        for r in 0..2usize {
            let state = comptime!(g * 2 + r);
            let mut reached = f32::new(NEVER);
            #[unroll]
            for j in 0..key_tiles {
                let two = scores.index(comptime!(g * key_tiles + j))[r];
                reached = max(reached, max(two[0usize], two[1usize]));
            }
            let reached = max(largest[state], greatest_of_row(reached) * scale);
            let shrink = (largest[state] - reached).exp();
            largest[state] = reached;
            let mut added = 0.0f32;
            #[unroll]
            for j in 0..key_tiles {
                let fragment = scores.index_mut(comptime!(g * key_tiles + j));
                let mut two = fragment[r];
                two[0usize] = (two[0usize] * scale - reached).exp();
                two[1usize] = (two[1usize] * scale - reached).exp();
                added += two[0usize] + two[1usize];
                fragment[r] = two;
            }
            sum[state] = sum[state] * shrink + added;
            #[unroll]
            for j in 0..value_tiles {
                let fragment = mixed.index_mut(comptime!(g * value_tiles + j));
                fragment[r] = fragment[r] * Vector::new(shrink);
            }
        }
    }
}

/// Adds the values that are there by their weights.
#[cube]
fn mix_in<E: Float, N: Size>(
    definition: &MmaDefinition<E, E, f32>,
    weights: &Sums,
    values: &SharedMemory<Vector<E, N>>,
    mixed: &mut Sums,
    #[comptime] tile: Tile,
) {
    let line = comptime!(tile.value_line());
    let (octet, within) = (UNIT_POS_X as usize / 8, UNIT_POS_X as usize % 8);
    #[unroll]
    for block in 0..comptime!(tile.keys / 16) {
        let mut left = Sequence::<Operand<E>>::new();
        #[unroll]
        for g in 0..comptime!(tile.groups) {
            let mut fragment = Operand::<E>::new(4usize);
            #[unroll]
            for i in 0..4usize {
                let from = weights.index(comptime!(g * tile.key_tiles() + block * 2 + i / 2));
                fragment[i] = Vector::cast_from(from[comptime!(i % 2)]);
            }
            left.push(fragment);
        }
        #[unroll]
        for j in 0..comptime!(tile.value_tiles() / 2) {
            let row = block * 16 + octet % 2 * 8 + within;
            let place = row * line + j * 2 + octet / 2;
            add_products(definition, &left, values, place, mixed, j, comptime!(tile.value_tiles()), true);
        }
    }
}

/// `q [b, h, n, d]`, `k [b, h, m, d]`, `v [b, h, m, e]`, each channel next to the one before it, all other strides, which `*_steps` has, multiples of
/// [`PACK`].
///
/// Cubes stand for blocks of queries, heads of all batch items, and parts of the keys. Each part leaves `out [parts, b, n, h, e]`,
/// the mixture of its values, and in `weight [parts, b, h, n]` the logarithm of the sum of its weights.
#[cube(launch_unchecked, fast_math = FastMath::ReducedPrecision.into())]
pub(super) fn attend<E: Float, N: Size, O: Float>(
    q: &Array<Vector<E, N>>,
    k: &Array<Vector<E, N>>,
    v: &Array<Vector<E, N>>,
    out: &mut Array<O>,
    weight: &mut Array<f32>,
    items: usize,
    heads: usize,
    queries: usize,
    keys: usize,
    q_steps: (usize, usize, usize),
    k_steps: (usize, usize, usize),
    v_steps: (usize, usize, usize),
    #[comptime] tile: Tile,
    #[define(E)] _input: StorageType,
    #[define(O)] _output: StorageType,
) {
    let (score_line, value_line) = comptime!((tile.score_line(), tile.value_line()));
    let (groups, value_tiles) = comptime!((tile.groups, tile.value_tiles()));
    let units = comptime!(tile.units());
    let step = comptime!(tile.keys);
    let mut queries_there = SharedMemory::<Vector<E, N>>::new(comptime!(tile.queries() * score_line));
    let mut keys_there = SharedMemory::<Vector<E, N>>::new(comptime!(step * score_line));
    let mut values_there = SharedMemory::<Vector<E, N>>::new(comptime!(step * value_line));

    let definition = product::<E>();
    let own = UNIT_POS_Y as usize * comptime!(groups * ROWS);
    let (line, pair) = (UNIT_POS_X as usize / 4, UNIT_POS_X as usize % 4 * 2);

    let (batch, head) = (CUBE_POS_Y as usize / heads, CUBE_POS_Y as usize % heads);
    let first = CUBE_POS_X as usize * comptime!(tile.queries());
    let parts = CUBE_COUNT_Z as usize;
    let part = CUBE_POS_Z as usize;
    let share = (keys + parts * step - 1) / (parts * step) * step;
    let end = min(keys, (part + 1) * share);
    let q_start = batch * q_steps.0 + head * q_steps.1;
    let k_start = batch * k_steps.0 + head * k_steps.1;
    let v_start = batch * v_steps.0 + head * v_steps.1;

    stage(
        q,
        q_start,
        q_steps.2,
        first,
        queries,
        &mut queries_there,
        comptime!(tile.queries()),
        tile.score,
        score_line,
        units,
    );

    let mut mixed = zeros(comptime!(groups * value_tiles));
    let mut largest = Array::<f32>::new(comptime!(2 * groups));
    let mut sum = Array::<f32>::new(comptime!(2 * groups));
    #[unroll]
    for i in 0..comptime!(2 * groups) {
        largest[i] = f32::new(NEVER);
        sum[i] = 0.0;
    }

    let mut key = part * share;
    while key < end {
        sync_cube();
        stage(k, k_start, k_steps.2, key, end, &mut keys_there, step, tile.score, score_line, units);
        stage(v, v_start, v_steps.2, key, end, &mut values_there, step, tile.value, value_line, units);
        sync_cube();
        let mut scores = scores_of(&definition, &queries_there, &keys_there, own, tile);
        if key + step > end {
            forget_beyond(&mut scores, end - key, tile);
        }
        weigh(&mut scores, &mut mixed, &mut largest, &mut sum, tile);
        mix_in(&definition, &scores, &values_there, &mut mixed, tile);
        key += step;
    }

    #[unroll]
    for g in 0..groups {
        #[unroll]
        for r in 0..2usize {
            let row = first + own + g * ROWS + r * 8 + line;
            // A part without keys has no weight, and must not divide by it.
            let total = max(sum_of_row(sum[comptime!(g * 2 + r)]), 1.0e-30f32);
            if row < queries {
                let place = (((part * items + batch) * queries + row) * heads + head) * tile.value;
                #[unroll]
                for j in 0..value_tiles {
                    let two = mixed.index(comptime!(g * value_tiles + j))[r];
                    #[unroll]
                    for c in 0..2usize {
                        let channel = j * 8 + pair + c;
                        if channel < tile.value {
                            out[place + channel] = O::cast_from(two[c] / total);
                        }
                    }
                }
                if pair == 0 {
                    weight[((part * items + batch) * heads + head) * queries + row] =
                        largest[comptime!(g * 2 + r)] + total.ln();
                }
            }
        }
    }
}

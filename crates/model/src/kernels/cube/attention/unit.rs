//! Attention in f32, for every GPU: scores of a block of queries with a block of keys at a time, in shared memory.

use cubecl::prelude::*;

/// Queries of a cube.
pub(super) const QUERIES: usize = 64;
/// Keys taken at a time.
pub(super) const KEYS: usize = 32;
/// Channels of queries and keys taken at a time; also keys whose values are taken at a time.
const CHUNK: usize = 16;
/// Units of a cube are a square of this side.
pub(super) const SIDE: usize = 16;
/// Queries of a unit.
const OWN: usize = QUERIES / SIDE;
/// Keys of a unit.
const OWN_KEYS: usize = KEYS / SIDE;
/// Lines of shared memory are longer than what they hold, so that units do not wait for each other's bank.
const QUERY_LINE: usize = QUERIES + 4;
const KEY_LINE: usize = KEYS + 4;
const SCORE_LINE: usize = KEYS + 1;
/// Score of a key that is none.
const NEVER: f32 = -1.0e30;

/// Channels of one head of queries and keys, and of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Widths {
    pub(super) score: usize,
    pub(super) value: usize,
}

/// `q [b, h, n, d]`, `k [b, h, m, d]`, `v [b, h, m, e]` with any strides.
///
/// Cubes stand for blocks of queries, heads of all batch items, and parts of the keys. Each part leaves `out [parts, b, n, h, e]`,
/// the mixture of its values, and in `weight [parts, b, h, n]` the logarithm of the sum of its weights.
#[cube(launch_unchecked)]
pub(super) fn attend<I: Float, O: Float>(
    q: &Tensor<I>,
    k: &Tensor<I>,
    v: &Tensor<I>,
    out: &mut Tensor<O>,
    weight: &mut Tensor<f32>,
    #[comptime] widths: Widths,
    #[define(I)] _input: StorageType,
    #[define(O)] _output: StorageType,
) {
    let columns = comptime!(widths.value.div_ceil(SIDE));
    let value_line = comptime!(columns * SIDE);
    let mut some_queries = SharedMemory::<f32>::new(comptime!(CHUNK * QUERY_LINE));
    let mut some_keys = SharedMemory::<f32>::new(comptime!(CHUNK * KEY_LINE));
    let mut scores = SharedMemory::<f32>::new(comptime!(QUERIES * SCORE_LINE));
    let mut some_values = SharedMemory::<f32>::new(comptime!(CHUNK * value_line));

    let unit = UNIT_POS as usize;
    let (x, y) = (unit % SIDE, unit / SIDE);
    let heads = q.shape(1);
    let (batch, head) = (CUBE_POS_Y as usize / heads, CUBE_POS_Y as usize % heads);
    let first = CUBE_POS_X as usize * QUERIES;
    let (queries, keys) = (q.shape(2), k.shape(2));
    let parts = CUBE_COUNT_Z as usize;
    let part = CUBE_POS_Z as usize;
    let share = (keys + parts * KEYS - 1) / (parts * KEYS) * KEYS;
    let end = min(keys, (part + 1) * share);

    let q_start = batch * q.stride(0) + head * q.stride(1);
    let k_start = batch * k.stride(0) + head * k.stride(1);
    let v_start = batch * v.stride(0) + head * v.stride(1);
    let scale = comptime!(1.0 / (widths.score as f32).sqrt());

    let mut mixed = Array::<f32>::new(comptime!(OWN * columns));
    let mut largest = Array::<f32>::new(OWN);
    let mut sum = Array::<f32>::new(OWN);
    #[unroll]
    for i in 0..comptime!(OWN * columns) {
        mixed[i] = 0.0;
    }
    #[unroll]
    for i in 0..OWN {
        largest[i] = NEVER;
        sum[i] = 0.0;
    }

    let mut key = part * share;
    while key < end {
        let mut score = Array::<f32>::new(comptime!(OWN * OWN_KEYS));
        #[unroll]
        for i in 0..comptime!(OWN * OWN_KEYS) {
            score[i] = 0.0;
        }
        for chunk in 0..comptime!(widths.score.div_ceil(CHUNK)) {
            let channel = chunk * CHUNK + x;
            let there = channel < widths.score;
            #[unroll]
            for i in 0..OWN {
                let row = i * SIDE + y;
                let mut value = 0.0f32;
                if there && first + row < queries {
                    value = f32::cast_from(q[q_start + (first + row) * q.stride(2) + channel * q.stride(3)]);
                }
                some_queries[x * QUERY_LINE + row] = value * scale;
            }
            #[unroll]
            for i in 0..OWN_KEYS {
                let row = i * SIDE + y;
                let mut value = 0.0f32;
                if there && key + row < end {
                    value = f32::cast_from(k[k_start + (key + row) * k.stride(2) + channel * k.stride(3)]);
                }
                some_keys[x * KEY_LINE + row] = value;
            }
            sync_cube();
            for c in 0..CHUNK {
                #[unroll]
                for i in 0..OWN {
                    let one = some_queries[c * QUERY_LINE + y * OWN + i];
                    #[unroll]
                    for j in 0..OWN_KEYS {
                        score[i * OWN_KEYS + j] += one * some_keys[c * KEY_LINE + x * OWN_KEYS + j];
                    }
                }
            }
            sync_cube();
        }

        #[unroll]
        for i in 0..OWN {
            #[unroll]
            for j in 0..OWN_KEYS {
                if key + x * OWN_KEYS + j >= end {
                    score[i * OWN_KEYS + j] = NEVER;
                }
                scores[(y * OWN + i) * SCORE_LINE + x * OWN_KEYS + j] = score[i * OWN_KEYS + j];
            }
        }
        sync_cube();
        let mut shrink = Array::<f32>::new(OWN);
        #[unroll]
        for i in 0..OWN {
            let mut reached = largest[i];
            for j in 0..KEYS {
                reached = max(reached, scores[(y * OWN + i) * SCORE_LINE + j]);
            }
            shrink[i] = (largest[i] - reached).exp();
            largest[i] = reached;
        }
        sync_cube();
        #[unroll]
        for i in 0..OWN {
            #[unroll]
            for j in 0..OWN_KEYS {
                scores[(y * OWN + i) * SCORE_LINE + x * OWN_KEYS + j] = (score[i * OWN_KEYS + j] - largest[i]).exp();
            }
        }
        sync_cube();
        #[unroll]
        for i in 0..OWN {
            let mut added = 0.0f32;
            for j in 0..KEYS {
                added += scores[(y * OWN + i) * SCORE_LINE + j];
            }
            sum[i] = sum[i] * shrink[i] + added;
            #[unroll]
            for j in 0..columns {
                mixed[i * columns + j] *= shrink[i];
            }
        }

        for chunk in 0..comptime!(KEYS / CHUNK) {
            let row = key + chunk * CHUNK + y;
            #[unroll]
            for j in 0..columns {
                let channel = j * SIDE + x;
                let mut value = 0.0f32;
                if channel < widths.value && row < end {
                    value = f32::cast_from(v[v_start + row * v.stride(2) + channel * v.stride(3)]);
                }
                some_values[y * value_line + channel] = value;
            }
            sync_cube();
            for c in 0..CHUNK {
                #[unroll]
                for i in 0..OWN {
                    let one = scores[(y * OWN + i) * SCORE_LINE + chunk * CHUNK + c];
                    #[unroll]
                    for j in 0..columns {
                        mixed[i * columns + j] += one * some_values[c * value_line + j * SIDE + x];
                    }
                }
            }
            sync_cube();
        }
        key += KEYS;
    }

    let items = q.shape(0);
    #[unroll]
    for i in 0..OWN {
        let row = first + y * OWN + i;
        if row < queries {
            // A part without keys has no weight, and must not divide by it.
            let total = max(sum[i], 1.0e-30f32);
            let place = (((part * items + batch) * queries + row) * heads + head) * widths.value;
            #[unroll]
            for j in 0..columns {
                let channel = j * SIDE + x;
                if channel < widths.value {
                    out[place + channel] = O::cast_from(mixed[i * columns + j] / total);
                }
            }
            if x == 0 {
                weight[((part * items + batch) * heads + head) * queries + row] = largest[i] + total.ln();
            }
        }
    }
}

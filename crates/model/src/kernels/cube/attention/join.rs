//! Mixtures of parts of the keys become the mixture of all of them.

use cubecl::prelude::*;

/// `parts [p, b, n, h, e]` and `weight [p, b, h, n]` as they come from the kernels beside, to `out [b, n, h, e]`.
///
/// One unit for each value.
#[cube(launch_unchecked)]
pub(super) fn join<O: Float>(
    parts: &Array<f32>,
    weight: &Array<f32>,
    out: &mut Array<O>,
    items: usize,
    queries: usize,
    heads: usize,
    width: usize,
    #[comptime] count: usize,
    #[define(O)] _output: StorageType,
) {
    let place = ABSOLUTE_POS as usize;
    let rows = items * queries * heads;
    let all = rows * width;
    if place < all {
        let row = place / width;
        let head = row % heads;
        let query = row / heads % queries;
        let batch = row / heads / queries;
        let beside = (batch * heads + head) * queries + query;
        let mut largest = weight[beside];
        #[unroll]
        for part in 1..count {
            largest = max(largest, weight[part * rows + beside]);
        }
        let mut sum = 0.0f32;
        let mut mixed = 0.0f32;
        #[unroll]
        for part in 0..count {
            let share = (weight[part * rows + beside] - largest).exp();
            sum += share;
            mixed += share * parts[part * all + place];
        }
        out[place] = O::cast_from(mixed / sum);
    }
}

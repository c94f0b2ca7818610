//! Tensors one after the other.

use burn_cubecl::CubeRuntime;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use burn_tensor::{DType, Shape};
use cubecl::prelude::*;

use super::launch::{as_rows, dtype_of, pack_of, units_for};

/// Parts of one launch.
const TOGETHER: usize = 8;

/// Copies rows of `width` packs to `out` from its pack `start` on, a unit for each pack. Part `i` has rows up to the `ends[i]`-th of all,
/// `lines[i]` packs apart.
#[cube(launch_unchecked)]
fn lay<F: Float, N: Size>(
    parts: &Sequence<Array<Vector<F, N>>>,
    ends: &Sequence<usize>,
    lines: &Sequence<usize>,
    out: &mut Array<Vector<F, N>>,
    start: usize,
    width: usize,
    #[define(F)] _dtype: StorageType,
) {
    let place = ABSOLUTE_POS as usize;
    let (row, column) = (place / width, place % width);
    let mut first = 0usize.runtime();
    #[unroll]
    for i in 0..TOGETHER {
        let end = *ends.index(i);
        if row >= first && row < end {
            out[start + place] = parts.index(i)[(row - first) * *lines.index(i) + column];
        }
        first = end;
    }
}

/// All rows of `parts`, which are alike in type and in the length of rows, as a tensor of that shape.
pub(super) fn stack<R: CubeRuntime>(parts: Vec<CubeTensor<R>>, shape: Shape, dtype: DType) -> CubeTensor<R> {
    let parts: Vec<CubeTensor<R>> = parts.into_iter().map(as_rows).collect();
    let channels = shape.last().copied().unwrap_or(1);
    let pack = pack_of(parts.iter().map(|x| x.meta.strides()[0]).chain([channels]));
    let (client, device) = (parts[0].client.clone(), parts[0].device.clone());
    let out = empty_device_contiguous_dtype::<R>(client.clone(), device, shape, dtype);
    let width = channels / pack;
    let mut start = 0;
    for group in parts.chunks(TOGETHER) {
        let rows = |x: &CubeTensor<R>| x.meta.shape()[0];
        let all: usize = group.iter().map(rows).sum();
        // Places that no part is left for hold the last one once more, without rows.
        let last = &group[group.len() - 1];
        let places = || group.iter().chain(std::iter::repeat(last)).take(TOGETHER);
        let ends = (0..TOGETHER).map(|i| group.iter().take(i + 1).map(rows).sum::<usize>());
        let (count, dim) = units_for(all * width);
        // SAFETY: rows end where the parts do, and the result has a place for every row.
        unsafe {
            lay::launch_unchecked::<R>(
                &client,
                count,
                dim,
                pack,
                places().map(|x| x.clone().into_array_arg()).collect(),
                ends.collect(),
                places().map(|x| x.meta.strides()[0] / pack).collect(),
                out.clone().into_array_arg(),
                start,
                width,
                dtype_of(dtype),
            );
        }
        start += all * width;
    }
    out
}

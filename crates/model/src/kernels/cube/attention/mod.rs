//! Attention without writing the scores out.

mod join;
mod tensor_core;
mod unit;

use burn_cubecl::CubeRuntime;
use burn_cubecl::kernel::cast;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use burn_tensor::{DType, Shape};
use cubecl::prelude::*;

use super::fragments::PLANE;
use super::launch::{dtype_of, multiplies, units_for};
use tensor_core::Tile;
use unit::Widths;

/// Most parts that the keys are taken in.
const MOST_PARTS: usize = 8;
/// Fewest keys of a part.
const PART: usize = 1024;

/// Sizes of a problem.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    batch: usize,
    heads: usize,
    queries: usize,
    keys: usize,
    score: usize,
    value: usize,
}

/// `softmax(q k^T / sqrt(d)) v` for `q [b, h, n, d]`, `k [b, h, m, d]`, `v [b, h, m, e]` with any strides, as a contiguous
/// `[b, n, h, e]`.
///
/// 16-bit numbers go through the matrix units where there are any that are known here; everything else is done in f32.
pub(super) fn attention<R: CubeRuntime>(q: CubeTensor<R>, k: CubeTensor<R>, v: CubeTensor<R>) -> CubeTensor<R> {
    let [batch, heads, queries, score]: [usize; 4] = q.meta.shape().dims();
    let [.., keys, value]: [usize; 4] = v.meta.shape().dims();
    let sizes = Sizes { batch, heads, queries, keys, score, value };
    let alike = |x: CubeTensor<R>| if x.dtype == q.dtype { x } else { cast(x, q.dtype) };
    let (k, v) = (alike(k), alike(v));
    match tile(&q, &k, &v, sizes) {
        Some(tile) => mix(q, k, v, sizes, Way::TensorCore(tile)),
        None => mix(q, k, v, sizes, Way::Unit),
    }
}

enum Way {
    Unit,
    TensorCore(Tile),
}

fn mix<R: CubeRuntime>(q: CubeTensor<R>, k: CubeTensor<R>, v: CubeTensor<R>, sizes: Sizes, way: Way) -> CubeTensor<R> {
    let Sizes { batch, heads, queries, keys, score, value } = sizes;
    let (client, device, dtype) = (q.client.clone(), q.device.clone(), q.dtype);
    let block = match &way {
        Way::Unit => unit::QUERIES,
        Way::TensorCore(tile) => tile.queries(),
    };
    let blocks = queries.div_ceil(block);
    let parts = parts(&client, blocks * batch * heads, keys);
    let empty = |shape: Shape, dtype| empty_device_contiguous_dtype::<R>(client.clone(), device.clone(), shape, dtype);
    let weights = empty(Shape::new([parts, batch, heads, queries]), DType::F32);
    let mixed_dtype = if parts == 1 { dtype } else { DType::F32 };
    let mixed = empty(Shape::new([parts, batch, queries, heads, value]), mixed_dtype);
    let count = CubeCount::Static(blocks as u32, (batch * heads) as u32, parts as u32);
    let steps = [&q, &k, &v].map(|x| (x.meta.strides()[0], x.meta.strides()[1], x.meta.strides()[2]));
    // SAFETY: both kernels compare every place that they read or write with the shapes above.
    unsafe {
        match way {
            Way::Unit => unit::attend::launch_unchecked::<R>(
                &client,
                count,
                CubeDim::new_2d(unit::SIDE as u32, unit::SIDE as u32),
                q.into_tensor_arg(),
                k.into_tensor_arg(),
                v.into_tensor_arg(),
                mixed.clone().into_tensor_arg(),
                weights.clone().into_tensor_arg(),
                Widths { score, value },
                dtype_of(dtype),
                dtype_of(mixed_dtype),
            ),
            Way::TensorCore(tile) => tensor_core::attend::launch_unchecked::<R>(
                &client,
                count,
                CubeDim::new_2d(PLANE as u32, tile.planes as u32),
                tensor_core::PACK,
                q.into_array_arg(),
                k.into_array_arg(),
                v.into_array_arg(),
                mixed.clone().into_array_arg(),
                weights.clone().into_array_arg(),
                batch,
                heads,
                queries,
                keys,
                steps[0],
                steps[1],
                steps[2],
                tile,
                dtype_of(dtype),
                dtype_of(mixed_dtype),
            ),
        }
    }
    let shape = Shape::new([batch, queries, heads, value]);
    if parts == 1 {
        return CubeTensor::new_contiguous(client, device, shape, mixed.handle, dtype);
    }
    let out = empty(shape, dtype);
    let (count, dim) = units_for(batch * queries * heads * value);
    // SAFETY: as above.
    unsafe {
        join::join::launch_unchecked::<R>(
            &client,
            count,
            dim,
            mixed.into_array_arg(),
            weights.into_array_arg(),
            out.clone().into_array_arg(),
            batch,
            queries,
            heads,
            value,
            parts,
            dtype_of(dtype),
        );
    }
    out
}

/// Into how many parts the keys are divided, so that a large GPU is busy with few queries.
fn parts<R: CubeRuntime>(client: &ComputeClient<R>, cubes: usize, keys: usize) -> usize {
    let processors = client.properties().hardware.num_streaming_multiprocessors.unwrap_or(1) as usize;
    let mut parts = 1;
    while 2 * parts * cubes <= 2 * processors && 2 * parts <= MOST_PARTS && keys >= 2 * parts * PART {
        parts *= 2;
    }
    parts
}

/// How the matrix units take the problem, if they can.
fn tile<R: CubeRuntime>(q: &CubeTensor<R>, k: &CubeTensor<R>, v: &CubeTensor<R>, sizes: Sizes) -> Option<Tile> {
    if !multiplies(&q.client, q.dtype) || ![q, k, v].into_iter().all(packed) {
        return None;
    }
    let shared = q.client.properties().hardware.max_shared_memory_size;
    Tile::of(sizes.queries, sizes.score, sizes.value, shared)
}

/// Whether channels lie side by side and whole packs of them can be moved.
fn packed<R: CubeRuntime>(x: &CubeTensor<R>) -> bool {
    let (shape, strides) = (x.meta.shape(), x.meta.strides());
    let whole = |n: usize| n.is_multiple_of(tensor_core::PACK);
    strides[3] == 1 && whole(shape[3]) && strides[..3].iter().all(|&stride| whole(stride))
}

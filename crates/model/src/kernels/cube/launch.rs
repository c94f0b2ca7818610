//! What launches have in common.

use burn_cubecl::CubeRuntime;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;
use burn_tensor::{DType, Shape};
use cubecl::features::MmaConfig;
use cubecl::ir::StorageType;
use cubecl::prelude::*;
use cubecl::zspace::metadata::Metadata;

/// Units of a cube that works through values one by one.
const UNITS: u32 = 256;
/// Most cubes along one axis that every device takes.
const MOST_CUBES: usize = 65_535;

/// A unit for each of `count` values, in one line of cubes that may be folded: `ABSOLUTE_POS` numbers them.
pub(super) fn units_for(count: usize) -> (CubeCount, CubeDim) {
    (cubes(count.div_ceil(UNITS as usize)), CubeDim::new_1d(UNITS))
}

/// `count` cubes or a few more, numbered by `CUBE_POS`.
pub(super) fn cubes(count: usize) -> CubeCount {
    let rows = count.div_ceil(MOST_CUBES).max(1);
    CubeCount::Static(count.div_ceil(rows) as u32, rows as u32, 1)
}

/// How many numbers can be moved together where each of these lengths has to be whole packs of them.
pub(super) fn pack_of(lengths: impl IntoIterator<Item = usize>) -> usize {
    const PACK: usize = 4;
    if lengths.into_iter().all(|length| length.is_multiple_of(PACK)) { PACK } else { 1 }
}

pub(super) fn dtype_of(dtype: DType) -> StorageType {
    dtype.into()
}

/// Whether the device has matrix units for products of that type, used as NVIDIA's are.
pub(super) fn multiplies<R: Runtime>(client: &ComputeClient<R>, dtype: DType) -> bool {
    let properties = client.properties();
    let element = dtype_of(dtype);
    let config = MmaConfig { a_type: element, b_type: element, cd_type: dtype_of(DType::F32), m: 16, n: 8, k: 16 };
    let matrix = &properties.features.matmul;
    matches!(dtype, DType::F16 | DType::BF16)
        && matrix.mma.contains(&config)
        && matrix.ldmatrix.contains(&element)
        && properties.hardware.plane_size_min == 32
        && properties.hardware.plane_size_max == 32
}

/// A tensor as `[rows, channels]` with each channel next to the one before it; rows may be further apart than they are long, for
/// CUDA's memory comes in such pieces. Only what cannot be seen so is copied.
pub(super) fn as_rows<R: CubeRuntime>(x: CubeTensor<R>) -> CubeTensor<R> {
    let (shape, strides) = (x.meta.shape().to_vec(), x.meta.strides().to_vec());
    let Some((&channels, outer)) = shape.split_last() else { return x };
    let rows = outer.iter().product();
    // Dimensions of one have no step; of the others each is as far apart as the next is long.
    let mut steps = outer.iter().zip(&strides).filter(|(size, _)| **size > 1);
    let mut inner = steps.next_back().map_or(channels, |(_, &stride)| stride);
    let step = inner;
    let mut last = outer.iter().rev().copied().find(|&size| size > 1).unwrap_or(1);
    let regular = steps.rev().all(|(&size, &stride)| {
        let fits = stride == inner * last;
        (inner, last) = (stride, size);
        fits
    });
    if regular && step >= channels && (channels == 1 || strides.last() == Some(&1)) {
        return CubeTensor::new(x.client, x.handle, Metadata::new([rows, channels], [step, 1]), x.device, x.dtype);
    }
    let x = into_contiguous(x);
    CubeTensor::new_contiguous(x.client, x.device, Shape::new([rows, channels]), x.handle, x.dtype)
}

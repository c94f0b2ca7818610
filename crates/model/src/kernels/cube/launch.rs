//! What launches have in common.

use burn_tensor::DType;
use cubecl::features::MmaConfig;
use cubecl::ir::StorageType;
use cubecl::prelude::*;

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

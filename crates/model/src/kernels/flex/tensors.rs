//! Burn's tensors as slices and views, and back.

use burn_flex::{Flex, FlexTensor};
use burn_tensor::{Tensor, TensorData, TensorPrimitive};
use rayon::prelude::*;

use crate::kernels::cpu::attention::Heads;
use crate::kernels::cpu::buffer::{build, rows_per_block};
use crate::kernels::cpu::rows::Rows;

/// What Burn keeps of a tensor.
pub fn primitive<const D: usize>(tensor: Tensor<Flex, D>) -> FlexTensor {
    tensor.into_primitive().tensor()
}

/// The tensor that Burn keeps as this.
pub fn wrap<const D: usize>(primitive: FlexTensor) -> Tensor<Flex, D> {
    Tensor::from_primitive(TensorPrimitive::Float(primitive))
}

/// A tensor that owns `values`.
pub fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> Tensor<Flex, D> {
    wrap(FlexTensor::from_data(TensorData::new(values, shape)))
}

/// The rows of a tensor, unless its last dimension is strided.
pub fn rows(tensor: &FlexTensor) -> Option<Rows<'_>> {
    let layout = tensor.layout();
    Rows::new(tensor.storage(), layout.start_offset(), layout.shape(), layout.strides())
}

/// The tensor without gaps, copied if it has any.
pub fn dense<const D: usize>(tensor: Tensor<Flex, D>) -> FlexTensor {
    let tensor = primitive(tensor);
    let whole = rows(&tensor).is_some_and(|rows| rows.dense().is_some());
    if whole { tensor } else { tensor.to_contiguous() }
}

/// The tensor, copied if its last dimension is strided.
pub fn by_rows(tensor: FlexTensor) -> FlexTensor {
    if rows(&tensor).is_some() { tensor } else { tensor.to_contiguous() }
}

/// The values of a tensor without gaps.
pub fn values(tensor: &FlexTensor) -> &[f32] {
    let start = tensor.layout().start_offset();
    &tensor.storage()[start..start + tensor.layout().num_elements()]
}

/// Calls `work` with the rows of a tensor, which is copied first if its last dimension is strided.
pub fn with_rows<T>(tensor: FlexTensor, work: impl FnOnce(&Rows) -> T) -> T {
    if let Some(rows) = rows(&tensor) {
        return work(&rows);
    }
    let copy = tensor.to_contiguous();
    work(&Rows::of_length(values(&copy), row_length(&copy)))
}

/// Values along the last dimension.
pub fn row_length(tensor: &FlexTensor) -> usize {
    tensor.layout().shape().last().copied().unwrap_or(1)
}

/// Applies `op` to blocks of whole rows in place, of a copy if someone else holds the memory.
///
/// `op` gets the number of the first row and the rows.
pub fn map_rows<const D: usize>(x: Tensor<Flex, D>, op: impl Fn(usize, &mut [f32]) + Sync) -> Tensor<Flex, D> {
    let count = rows_per_block(x.dims()[D - 1]);
    map_some_rows(x, count, op)
}

/// The same with `count` rows in a block.
pub fn map_some_rows<const D: usize>(
    x: Tensor<Flex, D>,
    count: usize,
    op: impl Fn(usize, &mut [f32]) + Sync,
) -> Tensor<Flex, D> {
    let shape = x.dims();
    let mut x = primitive(x);
    let length = shape[D - 1];
    let range = x.layout().contiguous_offsets();
    if let Some((start, end)) = range
        && let Some(memory) = x.try_storage_mut::<f32>()
    {
        memory[start..end]
            .par_chunks_mut((count * length).max(1))
            .enumerate()
            .for_each(|(i, block)| op(i * count, block));
        return wrap(x);
    }
    with_rows(x, |rows| {
        let out = build(rows.count() * length, count * length, |i, block| {
            rows.copy_from(i * count, block);
            op(i * count, block);
        });
        tensor(out, shape)
    })
}

/// `[b, heads, n, d]`
pub fn heads(tensor: &FlexTensor) -> Heads<'_> {
    let layout = tensor.layout();
    let strides = layout.strides();
    Heads {
        data: tensor.storage(),
        start: layout.start_offset(),
        size: layout.shape().dims(),
        strides: [strides[0], strides[1], strides[2]],
    }
}

/// `[b, n, heads * d]` as `[b, heads, n, d]`.
pub fn side_by_side(tensor: &FlexTensor, heads: usize) -> Heads<'_> {
    let layout = tensor.layout();
    let ([batch, tokens, channels], strides) = (layout.shape().dims(), layout.strides());
    let width = channels / heads;
    Heads {
        data: tensor.storage(),
        start: layout.start_offset(),
        size: [batch, heads, tokens, width],
        strides: [strides[0], width.cast_signed(), strides[1]],
    }
}

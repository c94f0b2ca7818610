use burn_tensor::Tensor;

use super::{Curve, Kernels};

/// Attention of square maps to memories of such maps, `softmax(q k^T / sqrt(channels)) values` with `k = rope(located * weight + bias)`: one head,
/// as in `RoPEAttention` of the reference (`modeling/sam/transformer.py`).
#[derive(Clone, Debug)]
pub struct LookBack<B: Kernels> {
    /// `[objects, cells, channels]`, after [`rope`](Kernels::rope).
    pub queries: Tensor<B, 3>,
    /// `[objects, tokens, width]`: the cells of whole maps, then tokens that have no place and whose keys are not turned.
    pub values: Tensor<B, 3>,
    /// Tokens with their positions added, of which keys are made.
    pub located: Tensor<B, 3>,
    /// How many of the tokens have no place.
    pub placeless: usize,
    /// `[width, channels]`
    pub weight: Tensor<B, 2>,
    /// `[channels]`
    pub bias: Tensor<B, 1>,
    /// Cosines of the angles by which cells are turned, `[cells, channels / 2]`. The first half of a row depends on the cell's column in the
    /// map alone and the second half on its row; the first cell is not turned.
    pub cos: Tensor<B, 2>,
    /// Sines likewise.
    pub sin: Tensor<B, 2>,
}

impl<B: Kernels> LookBack<B> {
    /// Makes a key of every token and attends to it.
    pub fn attend_to_keys(self) -> Tensor<B, 3> {
        let Self { queries, values, located, placeless, weight, bias, cos, sin } = self;
        let (placed, factors) = (located.dims()[1] - placeless, weight.dtype());
        let keys = <B as Kernels>::linear_curve(located, weight, Some(bias), Curve::Straight, factors);
        <B as Kernels>::attend_as(queries, <B as Kernels>::rope_first(keys, cos, sin, placed), values, 1, factors)
    }
}

use burn_tensor::{DType, Tensor};

use super::{Curve, Kernels};

/// The first half of a block of the image encoder, up to what is projected and added:
/// `attention(query(norm(x)), key(norm(x)), value(norm(x)))`, within windows or over whole maps.
///
/// What the result holds where windows reach beyond the map is anything: it is left out when windows are put together again.
#[derive(Clone, Debug)]
pub struct Mix<B: Kernels> {
    /// `[batch, height, width, channels]`
    pub x: Tensor<B, 4>,
    /// Scale and shift of the normalisation, `[channels]` each.
    pub norm: [Tensor<B, 1>; 2],
    /// Added to the variance.
    pub epsilon: f64,
    /// The type of what is normalised, which is only multiplied.
    pub operand: DType,
    /// Queries, keys and values: `[channels, width]` and `[width]` each.
    pub projections: [(Tensor<B, 2>, Tensor<B, 1>); 3],
    /// Heads that share the width.
    pub heads: usize,
    /// Side of the windows that maps are cut into after the normalisation, with zeros where they reach beyond it.
    pub window: Option<usize>,
    /// Whether only the largest of each 2x2 queries asks, channel by channel.
    pub pools: bool,
}

impl<B: Kernels> Mix<B> {
    /// One operation after the other; `[batch or windows, height, width, channels]`.
    pub fn layer_by_layer(self) -> Tensor<B, 4> {
        let Self { x, norm: [scale, shift], epsilon, operand, projections, heads, window, pools } = self;
        let x = match window {
            Some(side) => <B as Kernels>::layer_norm_windows(x, scale, shift, epsilon, side, operand),
            None => <B as Kernels>::layer_norm_as(x, scale, shift, epsilon, operand),
        };
        let factors = projections[0].0.dtype();
        let [query, key, value] = projections.map(|(weight, bias)| {
            <B as Kernels>::linear_curve(x.clone(), weight, Some(bias), Curve::Straight, factors)
        });
        let query = if pools { <B as Kernels>::max_pool_2x2(query) } else { query };
        let shape = query.dims();
        let [query, key, value] = [query, key, value].map(sequence);
        <B as Kernels>::attend_as(query, key, value, heads, factors).reshape(shape)
    }
}

/// `[batch, height, width, channels]` to `[batch, height * width, channels]`.
fn sequence<B: Kernels>(x: Tensor<B, 4>) -> Tensor<B, 3> {
    let [batch, height, width, channels] = x.dims();
    x.reshape([batch, height * width, channels])
}

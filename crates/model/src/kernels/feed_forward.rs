use burn_tensor::{DType, Tensor};

use super::{Curve, Kernels};

/// The second half of a transformer's block, `x + narrow(curve(widen(norm(x))))`.
#[derive(Clone, Debug)]
pub struct FeedForward<B: Kernels, const D: usize> {
    /// `[.., channels]`
    pub x: Tensor<B, D>,
    /// Scale and shift of the normalisation, `[channels]` each.
    pub norm: [Tensor<B, 1>; 2],
    /// Added to the variance.
    pub epsilon: f64,
    /// `[channels, hidden]` and `[hidden]`
    pub widen: (Tensor<B, 2>, Tensor<B, 1>),
    /// Between the layers.
    pub curve: Curve,
    /// `[hidden, channels]` and `[channels]`
    pub narrow: (Tensor<B, 2>, Tensor<B, 1>),
    /// The type of what is normalised, which is only multiplied.
    pub operand: DType,
}

impl<B: Kernels, const D: usize> FeedForward<B, D> {
    /// One layer after the other.
    pub fn layer_by_layer(self) -> Tensor<B, D> {
        let Self { x, norm: [scale, shift], epsilon, widen, curve, narrow, operand } = self;
        let normed = <B as Kernels>::layer_norm_as(x.clone(), scale, shift, epsilon, operand);
        let factors = widen.0.dtype();
        let hidden = <B as Kernels>::linear_curve(normed, widen.0, Some(widen.1), curve, factors);
        <B as Kernels>::linear_add(hidden, narrow.0, Some(narrow.1), x)
    }
}

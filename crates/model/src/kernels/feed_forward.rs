use burn_tensor::{DType, Tensor};

use super::{Curve, Kernels};

/// The second half of a block, `x + narrow(curve(widen(norm(x))))`, `x` being what the first half ends with.
#[derive(Clone, Debug)]
pub struct FeedForward<B: Kernels, const D: usize> {
    /// `[.., channels]`
    pub x: Tensor<B, D>,
    /// What `x` still lacks.
    pub arrival: Option<Arrival<B, D>>,
    /// What is normalised in place of `x`, of the same shape.
    pub instead: Option<Tensor<B, D>>,
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

/// What came out of attention, to be projected and added to the map that went in.
#[derive(Clone, Debug)]
pub struct Arrival<B: Kernels, const D: usize> {
    /// `[.., width]`; in windows `[batch * windows, size, size, width]`.
    pub mixed: Tensor<B, D>,
    /// `[width, channels]` and `[channels]`
    pub projection: (Tensor<B, 2>, Tensor<B, 1>),
    /// Side of the windows that a map of 4 dimensions was cut into, if it was.
    pub windows: Option<usize>,
}

impl<B: Kernels, const D: usize> FeedForward<B, D> {
    /// One layer after the other.
    pub fn layer_by_layer(self) -> Tensor<B, D> {
        let Self { x, arrival, instead, norm: [scale, shift], epsilon, widen, curve, narrow, operand } = self;
        let x = match arrival {
            Some(arrival) => arrival.added_to(x),
            None => x,
        };
        let normed =
            <B as Kernels>::layer_norm_as(instead.unwrap_or_else(|| x.clone()), scale, shift, epsilon, operand);
        let factors = widen.0.dtype();
        let hidden = <B as Kernels>::linear_curve(normed, widen.0, Some(widen.1), curve, factors);
        <B as Kernels>::linear_add(hidden, narrow.0, Some(narrow.1), x)
    }
}

impl<B: Kernels, const D: usize> Arrival<B, D> {
    fn added_to(self, x: Tensor<B, D>) -> Tensor<B, D> {
        let Self { mixed, projection: (weight, bias), windows } = self;
        match windows {
            Some(size) => {
                let shape = x.dims();
                <B as Kernels>::linear_add_windows(as_map(mixed), weight, Some(bias), as_map(x), size).reshape(shape)
            }
            None => <B as Kernels>::linear_add(mixed, weight, Some(bias), x),
        }
    }
}

/// A tensor that has 4 dimensions, as the compiler knows it then.
///
/// # Panics
/// If it has not: only maps are cut into windows.
fn as_map<B: Kernels, const D: usize>(x: Tensor<B, D>) -> Tensor<B, 4> {
    let mut shape = [0; 4];
    shape.copy_from_slice(&x.dims());
    x.reshape(shape)
}

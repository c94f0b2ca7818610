use burn_tensor::Tensor;

use crate::Kernels;
use crate::nn::Weights;

const THETA: f32 = 10_000.0;

/// Angles of the axial rotary encoding of a square map, as cosines and sines `[grid * grid, channels / 2]`: the first half of the
/// pairs turns with x, the second with y (`compute_axial_cis` in `modeling/position_encoding.py`).
#[derive(Debug)]
pub(crate) struct RopeTables<B: Kernels> {
    pub(crate) cos: Tensor<B, 2>,
    pub(crate) sin: Tensor<B, 2>,
}

impl<B: Kernels> RopeTables<B> {
    pub(crate) fn new(weights: &Weights<B>, grid: usize, channels: usize) -> Self {
        let frequencies: Vec<f32> =
            (0..channels / 4).map(|i| 1.0 / THETA.powf((4 * i) as f32 / channels as f32)).collect();
        let angles: Vec<f32> = (0..grid * grid)
            .flat_map(|cell| {
                let turn = |position: usize| frequencies.iter().map(move |f| position as f32 * f);
                turn(cell % grid).chain(turn(cell / grid))
            })
            .collect();
        let shape = [grid * grid, channels / 2];
        Self {
            cos: weights.upload(angles.iter().map(|a| a.cos()).collect(), shape),
            sin: weights.upload(angles.iter().map(|a| a.sin()).collect(), shape),
        }
    }

    /// Turns the first `rotated` tokens of `x` `[batch, tokens, channels]`, whose channels stand in the order of
    /// [`rope_permutation`]; the table repeats for every further map.
    pub(crate) fn apply(&self, x: Tensor<B, 3>, rotated: usize) -> Tensor<B, 3> {
        <B as Kernels>::rope_first(x, self.cos.clone(), self.sin.clone(), rotated)
    }
}

/// The reference turns neighbouring channels as pairs. The order of channels does not matter to a dot product, so queries and
/// keys are projected with all first members before all second ones: two contiguous halves instead of a stride of two.
pub(crate) fn rope_permutation(channels: usize) -> impl Iterator<Item = usize> {
    (0..channels).step_by(2).chain((1..channels).step_by(2))
}

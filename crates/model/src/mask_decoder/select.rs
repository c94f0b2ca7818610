use burn_tensor::{Int, Tensor};

use super::{MASK_TOKENS, Predictions};
use crate::Kernels;

/// A mask counts as stable where moving its threshold by this much either way hardly changes its area.
const STABILITY_DELTA: f32 = 0.05;
const STABILITY_THRESHOLD: f32 = 0.98;

/// The mask chosen for each object.
#[derive(Clone, Debug)]
pub(crate) struct Selected<B: Kernels> {
    /// Logits `[objects, 4 grid, 4 grid]`
    pub(crate) mask: Tensor<B, 3>,
    /// Predicted IoU `[objects, 1]`
    pub(crate) iou: Tensor<B, 2>,
    /// Output token for the object pointer `[objects, d_model]`
    pub(crate) token: Tensor<B, 2>,
}

impl<B: Kernels> Predictions<B> {
    /// For an ambiguous prompt: the best of the last three masks by predicted IoU, with its token.
    pub(crate) fn best_of_three(&self) -> Selected<B> {
        let choice = self.best_multimask();
        Selected { mask: self.pick_mask(&choice), iou: self.pick_iou(&choice), token: self.pick_token(&choice) }
    }

    /// For an unambiguous prompt: the first mask if it is stable, else the best of the others
    /// (`_dynamic_multimask_via_stability`). The token is the first one either way.
    pub(crate) fn single(&self) -> Selected<B> {
        let stable = self.stable();
        let first = one_hot(stable.zeros_like());
        let stable = stable.float();
        let choice = first.clone() * stable.clone() + self.best_multimask() * (stable.neg() + 1.0);
        Selected { mask: self.pick_mask(&choice), iou: self.pick_iou(&choice), token: self.pick_token(&first) }
    }

    /// `[objects, MASK_TOKENS]` with a single 1 each.
    fn best_multimask(&self) -> Tensor<B, 2> {
        one_hot(self.ious.clone().narrow(1, 1, MASK_TOKENS - 1).argmax(1) + 1)
    }

    /// `[objects, 1]`, 1 where the first mask is stable (`_get_stability_scores`).
    fn stable(&self) -> Tensor<B, 2, Int> {
        let [objects, _, height, width] = self.masks.dims();
        let first = self.masks.clone().narrow(1, 0, 1).reshape([objects, height * width]);
        let area = |threshold: f32| first.clone().greater_elem(threshold).float().sum_dim(1);
        let (inner, outer) = (area(STABILITY_DELTA), area(-STABILITY_DELTA));
        // Divided as the reference does, so that rounding falls the same way; no area at all counts as stable.
        let none = outer.clone().equal_elem(0).float();
        ((inner + none.clone()) / (outer + none)).greater_equal_elem(STABILITY_THRESHOLD).int()
    }

    // Selection is by sums of products with exact zeros and ones rather than by a matrix product, which a GPU might round.

    fn pick_mask(&self, choice: &Tensor<B, 2>) -> Tensor<B, 3> {
        let [objects, _, height, width] = self.masks.dims();
        let weights = choice.clone().reshape([objects, MASK_TOKENS, 1, 1]);
        (self.masks.clone() * weights).sum_dim(1).reshape([objects, height, width])
    }

    fn pick_iou(&self, choice: &Tensor<B, 2>) -> Tensor<B, 2> {
        (self.ious.clone() * choice.clone()).sum_dim(1)
    }

    fn pick_token(&self, choice: &Tensor<B, 2>) -> Tensor<B, 2> {
        let [objects, _, channels] = self.tokens.dims();
        (self.tokens.clone() * choice.clone().unsqueeze_dim::<3>(2)).sum_dim(1).reshape([objects, channels])
    }
}

/// `[objects, 1]` indices to `[objects, MASK_TOKENS]`.
fn one_hot<B: Kernels>(index: Tensor<B, 2, Int>) -> Tensor<B, 2> {
    let [objects, _] = index.dims();
    let places = Tensor::<B, 1, Int>::arange(0..MASK_TOKENS as i64, &index.device());
    let places = places.unsqueeze::<2>().expand([objects, MASK_TOKENS]);
    places.equal(index.expand([objects, MASK_TOKENS])).float()
}

use burn_tensor::Tensor;

use crate::config::{ModelConfig, STAGES};
use crate::nn::{Linear, Weights};
use crate::{Kernels, ModelError, taps};

/// The coarser half of the feature pyramid (`FpnNeck`) as all members of the family use it: the coarsest stage flows into the one
/// before it, and is then left out (`scalp: 1`). The finer half is [`Lateral`](super::lateral::Lateral).
#[derive(Debug)]
pub(crate) struct Neck<B: Kernels> {
    coarse: Linear<B>,
    top: Linear<B>,
}

impl<B: Kernels> Neck<B> {
    pub(crate) fn load(weights: &Weights<B>, config: &ModelConfig) -> Result<Self, ModelError> {
        let dims = config.stage_dims();
        let lateral = |stage: usize| Linear::load_conv1x1(&weights.child(level(stage)), dims[stage], config.d_model);
        Ok(Self { coarse: lateral(2)?, top: lateral(3)? })
    }

    /// What the last two stages put out, to `[batch, grid, grid, d_model]`.
    pub(crate) fn forward(&self, third: Tensor<B, 4>, fourth: Tensor<B, 4>) -> Tensor<B, 4> {
        let coarse = self.coarse.forward(third) + double_nearest(self.top.forward(fourth));
        taps::record_map("image_encoder.neck.2", &coarse);
        coarse
    }
}

/// Where the layer is that a stage goes through; the checkpoint counts from the coarsest.
pub(super) fn level(stage: usize) -> String {
    format!("convs.{}.conv", STAGES - 1 - stage)
}

/// Every cell becomes four.
fn double_nearest<B: Kernels>(x: Tensor<B, 4>) -> Tensor<B, 4> {
    let [batch, height, width, channels] = x.dims();
    x.reshape([batch, height, 1, width, 1, channels]).expand([batch, height, 2, width, 2, channels]).reshape([
        batch,
        2 * height,
        2 * width,
        channels,
    ])
}

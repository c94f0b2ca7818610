use burn_tensor::Tensor;

use super::Pyramid;
use super::trunk::Stages;
use crate::config::{ModelConfig, STAGES};
use crate::nn::{Linear, Weights};
use crate::{Kernels, ModelError, taps};

/// Feature pyramid (`FpnNeck`) as all members of the family use it: the coarsest stage flows into the one before it, and is then
/// left out (`scalp: 1`); the two finest levels are lateral only (`fpn_top_down_levels: [2, 3]`).
#[derive(Debug)]
pub(crate) struct Neck<B: Kernels> {
    /// Finest first; the checkpoint counts them from the coarsest.
    lateral: [Linear<B>; STAGES],
}

impl<B: Kernels> Neck<B> {
    pub(crate) fn load(weights: &Weights<B>, config: &ModelConfig) -> Result<Self, ModelError> {
        let dims = config.stage_dims();
        let level = |stage: usize| {
            let name = format!("convs.{}.conv", STAGES - 1 - stage);
            Linear::load_conv1x1(&weights.child(name), dims[stage], config.d_model)
        };
        Ok(Self { lateral: [level(0)?, level(1)?, level(2)?, level(3)?] })
    }

    pub(crate) fn forward(&self, [first, second, third, fourth]: Stages<B>) -> Pyramid<B> {
        let [fine, middle, coarse, top] = &self.lateral;
        let pyramid = Pyramid {
            fine: fine.forward(first),
            middle: middle.forward(second),
            coarse: coarse.forward(third) + double_nearest(top.forward(fourth)),
        };
        taps::record_map("image_encoder.neck.0", &pyramid.fine);
        taps::record_map("image_encoder.neck.1", &pyramid.middle);
        taps::record_map("image_encoder.neck.2", &pyramid.coarse);
        pyramid
    }
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

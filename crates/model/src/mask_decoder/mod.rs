//! From image map and prompt tokens to masks (`modeling/sam/mask_decoder.py`).

mod select;
pub(crate) mod two_way;
mod upscale;

use burn_tensor::{Tensor, activation};

use crate::config::{FIXED_HIDDEN, ModelConfig};
use crate::image_encoder::HighResolution;
use crate::kernels::Curve;
use crate::nn::{Mlp, Weights};
use crate::{Kernels, ModelError, taps};
pub(crate) use select::Selected;
use two_way::TwoWayTransformer;
use upscale::Upscaler;

/// One mask for an unambiguous prompt and three for an ambiguous one.
pub const MASK_TOKENS: usize = 4;

/// All that the decoder predicts, before anything is chosen.
#[derive(Clone, Debug)]
pub(crate) struct Predictions<B: Kernels> {
    /// Logits `[objects, MASK_TOKENS, 4 grid, 4 grid]`
    pub(crate) masks: Tensor<B, 4>,
    /// Predicted IoU `[objects, MASK_TOKENS]`, 0 to 1
    pub(crate) ious: Tensor<B, 2>,
    /// Output tokens of the masks `[objects, MASK_TOKENS, d_model]`
    pub(crate) tokens: Tensor<B, 3>,
    /// Logit of "the object is in the frame" `[objects, 1]`
    pub(crate) object_score: Tensor<B, 2>,
}

#[derive(Debug)]
pub(crate) struct MaskDecoder<B: Kernels> {
    transformer: TwoWayTransformer<B>,
    /// Object score, IoU and mask tokens, `[1, 2 + MASK_TOKENS, d_model]`
    output_tokens: Tensor<B, 3>,
    upscaler: Upscaler<B>,
    hypernetworks: [Mlp<B>; MASK_TOKENS],
    iou_head: Mlp<B>,
    object_score_head: Mlp<B>,
}

impl<B: Kernels> MaskDecoder<B> {
    pub(crate) fn load(weights: &Weights<B>, config: &ModelConfig) -> Result<Self, ModelError> {
        let channels = config.d_model;
        let hyper = weights.child("output_hypernetworks_mlps");
        let hypernetwork =
            |i: usize| Mlp::load(&hyper.child(i), &[channels, channels, channels, channels / 8], Curve::Relu);
        let iou_widths = [channels, FIXED_HIDDEN, FIXED_HIDDEN, MASK_TOKENS];
        let score_widths = [channels, channels, channels, 1];
        Ok(Self {
            transformer: TwoWayTransformer::load(&weights.child("transformer"), config)?,
            output_tokens: output_tokens(weights, channels)?,
            upscaler: Upscaler::load(weights, channels)?,
            hypernetworks: [hypernetwork(0)?, hypernetwork(1)?, hypernetwork(2)?, hypernetwork(3)?],
            iou_head: Mlp::load(&weights.child("iou_prediction_head"), &iou_widths, Curve::Relu)?,
            object_score_head: Mlp::load(&weights.child("pred_obj_score_head"), &score_widths, Curve::Relu)?,
        })
    }

    /// `image` `[objects, grid * grid, d_model]` with the dense prompt already added, `position` `[1, grid * grid, d_model]`,
    /// `prompts` `[objects, tokens, d_model]`.
    pub(crate) fn forward(
        &self,
        image: Tensor<B, 3>,
        position: Tensor<B, 3>,
        prompts: Tensor<B, 3>,
        high_resolution: &HighResolution<B>,
    ) -> Predictions<B> {
        let [objects, _, channels] = prompts.dims();
        let outputs = self.output_tokens.clone().expand([objects, 2 + MASK_TOKENS, channels]);
        let (tokens, image) = self.transformer.forward(Tensor::cat(vec![outputs, prompts], 1), image, position);
        let token = |index: usize| tokens.clone().narrow(1, index, 1).reshape([objects, channels]);
        let mask_tokens = tokens.clone().narrow(1, 2, MASK_TOKENS);
        let predictions = Predictions {
            masks: self.masks(self.upscaler.forward(image, high_resolution), mask_tokens.clone()),
            ious: activation::sigmoid(self.iou_head.forward(token(1))),
            tokens: mask_tokens,
            object_score: self.object_score_head.forward(token(0)),
        };
        taps::record("sam_mask_decoder.masks", &predictions.masks);
        taps::record("sam_mask_decoder.ious", &predictions.ious);
        taps::record("sam_mask_decoder.object_score", &predictions.object_score);
        predictions
    }

    /// Each mask token, through its own hypernetwork, is a filter over the upscaled map.
    fn masks(&self, map: Tensor<B, 4>, tokens: Tensor<B, 3>) -> Tensor<B, 4> {
        let [objects, height, width, channels] = map.dims();
        let mut filters = Vec::with_capacity(MASK_TOKENS);
        for (index, network) in self.hypernetworks.iter().enumerate() {
            filters.push(network.forward(tokens.clone().narrow(1, index, 1)));
        }
        let pixels = map.reshape([objects, height * width, channels]);
        <B as Kernels>::filter_map(Tensor::cat(filters, 1), pixels).reshape([objects, MASK_TOKENS, height, width])
    }
}

fn output_tokens<B: Kernels>(weights: &Weights<B>, channels: usize) -> Result<Tensor<B, 3>, ModelError> {
    let tokens = vec![
        weights.tensor("obj_score_token.weight", [1, channels])?,
        weights.tensor("iou_token.weight", [1, channels])?,
        weights.tensor("mask_tokens.weight", [MASK_TOKENS, channels])?,
    ];
    Ok(Tensor::cat(tokens, 0).unsqueeze())
}

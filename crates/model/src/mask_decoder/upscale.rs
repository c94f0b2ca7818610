use burn_tensor::Tensor;

use crate::image_encoder::HighResolution;
use crate::nn::{LayerNorm, TransposedConv2x2, Weights};
use crate::{Kernels, ModelError};

/// Brings the decoded map to a quarter of the image's size, helped by the finer pyramid levels.
#[derive(Debug)]
pub(super) struct Upscaler<B: Kernels> {
    first: TransposedConv2x2<B>,
    norm: LayerNorm<B>,
    second: TransposedConv2x2<B>,
}

impl<B: Kernels> Upscaler<B> {
    /// `weights` is the mask decoder itself: its upscaling layers have no module of their own.
    pub(super) fn load(weights: &Weights<B>, channels: usize) -> Result<Self, ModelError> {
        let upscaling = weights.child("output_upscaling");
        Ok(Self {
            first: TransposedConv2x2::load(&upscaling.child(0), channels, channels / 4)?,
            norm: LayerNorm::load(&upscaling.child(1), channels / 4, LayerNorm::<B>::EPSILON_SMALL)?,
            second: TransposedConv2x2::load(&upscaling.child(3), channels / 4, channels / 8)?,
        })
    }

    /// `image` `[objects, grid * grid, d_model]` to `[objects, 4 grid, 4 grid, d_model / 8]`.
    pub(super) fn forward(&self, image: Tensor<B, 3>, high_resolution: &HighResolution<B>) -> Tensor<B, 4> {
        let [objects, _, channels] = image.dims();
        let side = high_resolution.s1.dims()[1] / 2;
        let x = image.reshape([objects, side, side, channels]);
        let x = <B as Kernels>::add_shared(self.first.forward(x), high_resolution.s1.clone());
        let x = self.second.forward(<B as Kernels>::gelu(self.norm.forward(x)));
        <B as Kernels>::gelu(<B as Kernels>::add_shared(x, high_resolution.s0.clone()))
    }
}

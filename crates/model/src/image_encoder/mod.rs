//! The Hiera trunk and the feature pyramid on top of it (`modeling/backbones/`).

pub(crate) mod block;
pub(crate) mod neck;
pub(crate) mod trunk;

use burn_tensor::Tensor;

use crate::config::ModelConfig;
use crate::nn::Weights;
use crate::{Kernels, ModelError};
use neck::Neck;
use trunk::Trunk;

/// The three pyramid levels that the rest of the network looks at.
pub(crate) struct Pyramid<B: Kernels> {
    /// `[batch, 4 grid, 4 grid, d_model]`
    pub(crate) fine: Tensor<B, 4>,
    /// `[batch, 2 grid, 2 grid, d_model]`
    pub(crate) middle: Tensor<B, 4>,
    /// `[batch, grid, grid, d_model]`
    pub(crate) coarse: Tensor<B, 4>,
}

/// From pixels to the pyramid.
#[derive(Debug)]
pub(crate) struct ImageEncoder<B: Kernels> {
    trunk: Trunk<B>,
    neck: Neck<B>,
}

impl<B: Kernels> ImageEncoder<B> {
    pub(crate) fn load(weights: &Weights<B>, config: &ModelConfig) -> Result<Self, ModelError> {
        Ok(Self {
            trunk: Trunk::load(&weights.child("trunk"), config)?,
            neck: Neck::load(&weights.child("neck"), config)?,
        })
    }

    /// `image` `[batch, image_size, image_size, 3]`, normalised.
    pub(crate) fn forward(&self, image: Tensor<B, 4>) -> Pyramid<B> {
        self.neck.forward(self.trunk.forward(image))
    }
}

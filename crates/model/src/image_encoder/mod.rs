//! The Hiera trunk and the feature pyramid on top of it (`modeling/backbones/`).

pub(crate) mod block;
mod lateral;
pub(crate) mod neck;
pub(crate) mod trunk;

use burn_tensor::Tensor;

use crate::config::ModelConfig;
use crate::nn::Weights;
use crate::{Kernels, ModelError};
pub(crate) use lateral::HighResolution;
use lateral::Lateral;
use neck::Neck;
use trunk::Trunk;

/// What the rest of the network looks at.
pub(crate) struct Pyramid<B: Kernels> {
    pub(crate) high_resolution: HighResolution<B>,
    /// `[batch, grid, grid, d_model]`
    pub(crate) coarse: Tensor<B, 4>,
}

/// From pixels to the pyramid.
#[derive(Debug)]
pub(crate) struct ImageEncoder<B: Kernels> {
    trunk: Trunk<B>,
    lateral: Lateral<B>,
    neck: Neck<B>,
}

impl<B: Kernels> ImageEncoder<B> {
    /// `weights` of the encoder itself, and of the `decoder` for which the finer levels are projected.
    pub(crate) fn load(weights: &Weights<B>, decoder: &Weights<B>, config: &ModelConfig) -> Result<Self, ModelError> {
        let neck = weights.child("neck");
        Ok(Self {
            trunk: Trunk::load(&weights.child("trunk"), config)?,
            lateral: Lateral::load(&neck, decoder, config)?,
            neck: Neck::load(&neck, config)?,
        })
    }

    /// `image` `[batch, image_size, image_size, 3]`, normalised.
    pub(crate) fn forward(&self, image: Tensor<B, 4>) -> Pyramid<B> {
        let [first, second, third, fourth] = self.trunk.forward(image);
        Pyramid { high_resolution: self.lateral.forward(first, second), coarse: self.neck.forward(third, fourth) }
    }
}

use burn_tensor::Tensor;

use super::neck::level;
use crate::config::ModelConfig;
use crate::nn::{Host, Linear, Weights};
use crate::{Kernels, ModelError, taps};

/// The finer pyramid levels, projected for the decoder. A batch of 1 serves any number of objects.
#[derive(Clone, Debug)]
pub(crate) struct HighResolution<B: Kernels> {
    /// `[batch, 4 grid, 4 grid, d_model / 8]`
    pub(crate) s0: Tensor<B, 4>,
    /// `[batch, 2 grid, 2 grid, d_model / 4]`
    pub(crate) s1: Tensor<B, 4>,
}

/// The way of the two finest stages to the decoder.
///
/// The pyramid has them lateral only (`FpnNeck` with `fpn_top_down_levels: [2, 3]`), and nobody but the decoder looks at them, through a
/// projection of its own (`conv_s0` and `conv_s1`, `forward_image` in `modeling/sam2_base.py`): two layers with nothing in between, which
/// are one from the widths of the stages to an eighth and a quarter of `d_model`.
#[derive(Debug)]
pub(crate) struct Lateral<B: Kernels> {
    s0: Linear<B>,
    s1: Linear<B>,
}

impl<B: Kernels> Lateral<B> {
    /// `neck` is the pyramid's place, `decoder` the mask decoder's.
    pub(crate) fn load(neck: &Weights<B>, decoder: &Weights<B>, config: &ModelConfig) -> Result<Self, ModelError> {
        let channels = config.d_model;
        let dims = config.stage_dims();
        let chained = |stage: usize, name: &str, width: usize| -> Result<_, ModelError> {
            let (lateral, then) = (neck.child(level(stage)), decoder.child(name));
            let lateral = Host::read(&lateral, &[channels, dims[stage], 1, 1])?;
            Ok(Linear::chained(neck, lateral, Host::read(&then, &[width, channels, 1, 1])?))
        };
        Ok(Self { s0: chained(0, "conv_s0", channels / 8)?, s1: chained(1, "conv_s1", channels / 4)? })
    }

    /// What the first two stages put out.
    pub(crate) fn forward(&self, first: Tensor<B, 4>, second: Tensor<B, 4>) -> HighResolution<B> {
        let projected = HighResolution { s0: self.s0.forward(first), s1: self.s1.forward(second) };
        taps::record_map("sam_mask_decoder.conv_s0", &projected.s0);
        taps::record_map("sam_mask_decoder.conv_s1", &projected.s1);
        projected
    }
}

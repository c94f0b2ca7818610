use burn_tensor::Tensor;

use crate::config::{FIXED_HIDDEN, ModelConfig};
use crate::kernels::Curve;
use crate::nn::{Conv2d, FeedForward, Host, LayerNorm, Linear, Weights};
use crate::{Kernels, ModelError, taps};

/// Fuser blocks, the same in every member of the family.
const FUSER_LAYERS: usize = 2;
/// Channels after each halving of the mask, from 1 to [`FIXED_HIDDEN`].
const MASK_CHANNELS: [usize; 5] = [1, 4, 16, 64, FIXED_HIDDEN];

/// Makes a memory of a frame's map and an object's mask on it (`MemoryEncoder`).
#[derive(Debug)]
pub(crate) struct MemoryEncoder<B: Kernels> {
    mask_downsampler: MaskDownsampler<B>,
    pix_feat_proj: Linear<B>,
    fuser: Vec<CxBlock<B>>,
    out_proj: Linear<B>,
}

impl<B: Kernels> MemoryEncoder<B> {
    pub(crate) fn load(weights: &Weights<B>, config: &ModelConfig) -> Result<Self, ModelError> {
        let channels = config.d_model;
        let fuser = weights.child("fuser.layers");
        Ok(Self {
            mask_downsampler: MaskDownsampler::load(&weights.child("mask_downsampler.encoder"), channels)?,
            pix_feat_proj: Linear::load_conv1x1(&weights.child("pix_feat_proj"), channels, channels)?,
            fuser: (0..FUSER_LAYERS)
                .map(|index| CxBlock::load(&fuser.child(index), channels))
                .collect::<Result<_, _>>()?,
            out_proj: Linear::load_conv1x1(&weights.child("out_proj"), channels, config.mem_dim)?,
        })
    }

    /// `map` `[1, grid, grid, d_model]` of the frame and `masks` `[objects, image_size, image_size]` (scaled probabilities) to
    /// `[objects, grid, grid, mem_dim]`.
    pub(crate) fn forward(&self, map: Tensor<B, 4>, masks: Tensor<B, 3>) -> Tensor<B, 4> {
        let masks = self.mask_downsampler.forward(masks.unsqueeze_dim(3));
        let mut x = <B as Kernels>::add_shared(masks, self.pix_feat_proj.forward(map));
        for block in &self.fuser {
            x = block.forward(x);
        }
        let features = self.out_proj.forward(x);
        taps::record_map("memory_encoder", &features);
        features
    }
}

/// Four halvings and a projection (`MaskDownSampler`).
#[derive(Debug)]
pub(crate) struct MaskDownsampler<B: Kernels> {
    halvings: Vec<(Conv2d<B>, LayerNorm<B>)>,
    projection: Linear<B>,
}

impl<B: Kernels> MaskDownsampler<B> {
    pub(crate) fn load(weights: &Weights<B>, channels: usize) -> Result<Self, ModelError> {
        // In the reference's list every halving is followed by its norm and its activation.
        let halving = |(index, pair): (usize, &[usize])| -> Result<_, ModelError> {
            let norm = weights.child(3 * index + 1);
            Ok((
                Conv2d::load(&weights.child(3 * index), [pair[0], pair[1]], [3, 2, 1])?,
                LayerNorm::load(&norm, pair[1], LayerNorm::<B>::EPSILON_SMALL)?,
            ))
        };
        Ok(Self {
            halvings: MASK_CHANNELS.windows(2).enumerate().map(halving).collect::<Result<_, _>>()?,
            projection: Linear::load_conv1x1(&weights.child(12), FIXED_HIDDEN, channels)?,
        })
    }

    pub(crate) fn forward(&self, mut x: Tensor<B, 4>) -> Tensor<B, 4> {
        for (convolution, norm) in &self.halvings {
            x = convolution.forward_norm_gelu(x, norm);
        }
        self.projection.forward(x)
    }
}

/// ConvNeXt block (`CXBlock`).
#[derive(Debug)]
pub(crate) struct CxBlock<B: Kernels> {
    /// `[7, 7, channels]`
    depthwise: Tensor<B, 3>,
    depthwise_bias: Tensor<B, 1>,
    /// With the layer scale multiplied into the second layer
    feed_forward: FeedForward<B>,
}

const CX_KERNEL: usize = 7;

impl<B: Kernels> CxBlock<B> {
    pub(crate) fn load(weights: &Weights<B>, channels: usize) -> Result<Self, ModelError> {
        let depthwise = weights.child("dwconv");
        let official = depthwise.host("weight", &[channels, 1, CX_KERNEL, CX_KERNEL])?;
        let taps_first = crate::nn::transpose(official, channels, CX_KERNEL * CX_KERNEL);
        Ok(Self {
            depthwise: weights.upload(taps_first, [CX_KERNEL, CX_KERNEL, channels]),
            depthwise_bias: depthwise.tensor("bias", [channels])?,
            feed_forward: FeedForward {
                norm: LayerNorm::load(&weights.child("norm"), channels, LayerNorm::<B>::EPSILON_SMALL)?,
                widen: Linear::load(&weights.child("pwconv1"), channels, 4 * channels)?,
                curve: Curve::Gelu,
                narrow: load_scaled(weights, channels)?,
            },
        })
    }

    pub(crate) fn forward(&self, x: Tensor<B, 4>) -> Tensor<B, 4> {
        let mixed = <B as Kernels>::depthwise_conv2d(
            x.clone(),
            self.depthwise.clone(),
            self.depthwise_bias.clone(),
            CX_KERNEL / 2,
        );
        self.feed_forward.forward_of(x, mixed)
    }
}

/// `pwconv2` and the layer scale `gamma` after it as one projection.
fn load_scaled<B: Kernels>(weights: &Weights<B>, channels: usize) -> Result<Linear<B>, ModelError> {
    let narrow = weights.child("pwconv2");
    let Host { rows, bias } = Host::read(&narrow, &[channels, 4 * channels])?;
    let gamma = weights.host("gamma", &[channels])?;
    let rows: Vec<f32> =
        rows.chunks_exact(4 * channels).zip(gamma).flat_map(|(row, g)| row.iter().map(move |w| w * g)).collect();
    let bias: Vec<f32> = bias.iter().zip(gamma).map(|(b, g)| b * g).collect();
    Ok(Linear::new(weights, &rows, &bias, 4 * channels))
}

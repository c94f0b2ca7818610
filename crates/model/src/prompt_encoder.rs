//! Turns clicks, boxes and masks into tokens (`modeling/sam/prompt_encoder.py`).

use burn_tensor::Tensor;

use crate::config::ModelConfig;
use crate::nn::{Conv2d, LayerNorm, Linear, Weights};
use crate::position::RandomPosition;
use crate::{Kernels, ModelError};

/// Channels between the two convolutions of a mask prompt, as in the official code (`mask_in_chans` 16).
const MASK_CHANNELS: [usize; 2] = [4, 16];

/// What a point says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointLabel {
    /// The object is not here.
    Negative,
    /// The object is here.
    Positive,
    /// The box begins here.
    TopLeft,
    /// The box ends here.
    BottomRight,
}

/// A point of a prompt, in pixels of the network's square image (source coordinates scaled by `image_size / width` and
/// `image_size / height`, without any shift).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PromptPoint {
    /// Pixels from the left edge.
    pub x: f32,
    /// Pixels from the top edge.
    pub y: f32,
    /// What it says.
    pub label: PointLabel,
}

#[derive(Debug)]
pub(crate) struct PromptEncoder<B: Kernels> {
    position: RandomPosition,
    /// `[channels]` each, in the order of [`PointLabel`].
    labels: [Vec<f32>; 4],
    not_a_point: Vec<f32>,
    no_mask: Tensor<B, 3>,
    mask: MaskDownscaling<B>,
    channels: usize,
    image_size: f32,
    device: B::Device,
    /// `[1, grid * grid, channels]`
    dense_position: Tensor<B, 3>,
    /// Tokens of no points, which most frames have.
    nothing: Tensor<B, 3>,
}

impl<B: Kernels> PromptEncoder<B> {
    pub(crate) fn load(weights: &Weights<B>, config: &ModelConfig) -> Result<Self, ModelError> {
        let channels = config.d_model;
        let grid = config.feature_grid();
        let position = RandomPosition::load(&weights.child("pe_layer"), channels)?;
        let embedding = |name: &str| weights.host(name, &[1, channels]).map(<[f32]>::to_vec);
        let dense_position = weights.upload(position.encode_grid(grid), [1, grid * grid, channels]);
        let not_a_point = embedding("not_a_point_embed.weight")?;
        Ok(Self {
            position,
            labels: [
                embedding("point_embeddings.0.weight")?,
                embedding("point_embeddings.1.weight")?,
                embedding("point_embeddings.2.weight")?,
                embedding("point_embeddings.3.weight")?,
            ],
            nothing: weights.upload(not_a_point.repeat(2), [1, 2, channels]),
            not_a_point,
            no_mask: weights.upload(embedding("no_mask_embed.weight")?, [1, 1, channels]),
            mask: MaskDownscaling::load(&weights.child("mask_downscaling"), channels)?,
            channels,
            image_size: config.image_size as f32,
            device: weights.device().clone(),
            dense_position,
        })
    }

    /// Position of every cell of the image map, `[1, grid * grid, channels]` (`get_dense_pe`).
    pub(crate) fn dense_position(&self) -> Tensor<B, 3> {
        self.dense_position.clone()
    }

    /// Tokens of one object's points, `[1, tokens, channels]`. As in the reference a token "not a point" closes the list, and it
    /// stands twice where there is no point at all.
    pub(crate) fn points(&self, points: &[PromptPoint]) -> Tensor<B, 3> {
        if points.is_empty() {
            return self.nothing.clone();
        }
        let mut values: Vec<f32> = points.iter().flat_map(|point| self.embed(point)).collect();
        values.extend_from_slice(&self.not_a_point);
        let tokens = values.len() / self.channels;
        Tensor::from_data(burn_tensor::TensorData::new(values, [1, tokens, self.channels]), &self.device)
    }

    fn embed(&self, point: &PromptPoint) -> Vec<f32> {
        let fraction = |pixels: f32| (pixels + 0.5) / self.image_size;
        let [negative, positive, top_left, bottom_right] = &self.labels;
        let label = match point.label {
            PointLabel::Negative => negative,
            PointLabel::Positive => positive,
            PointLabel::TopLeft => top_left,
            PointLabel::BottomRight => bottom_right,
        };
        let position = self.position.encode(fraction(point.x), fraction(point.y));
        position.iter().zip(label).map(|(p, l)| p + l).collect()
    }

    /// Mask logits `[batch, 4 grid, 4 grid]` as an addition to the image map, `[batch, grid * grid, channels]`.
    pub(crate) fn mask(&self, logits: Tensor<B, 3>) -> Tensor<B, 3> {
        self.mask.forward(logits.unsqueeze_dim::<4>(3)).flatten(1, 2)
    }

    /// The same where no mask was given: `[1, 1, channels]`, one vector for all cells.
    pub(crate) fn no_mask(&self) -> Tensor<B, 3> {
        self.no_mask.clone()
    }
}

/// Two 2x2 convolutions of stride 2 and a projection.
#[derive(Debug)]
struct MaskDownscaling<B: Kernels> {
    first: (Conv2d<B>, LayerNorm<B>),
    second: (Conv2d<B>, LayerNorm<B>),
    projection: Linear<B>,
}

impl<B: Kernels> MaskDownscaling<B> {
    fn load(weights: &Weights<B>, channels: usize) -> Result<Self, ModelError> {
        let [narrow, wide] = MASK_CHANNELS;
        let norm =
            |index: usize, channels| LayerNorm::load(&weights.child(index), channels, LayerNorm::<B>::EPSILON_SMALL);
        Ok(Self {
            first: (Conv2d::load(&weights.child(0), [1, narrow], [2, 2, 0])?, norm(1, narrow)?),
            second: (Conv2d::load(&weights.child(3), [narrow, wide], [2, 2, 0])?, norm(4, wide)?),
            projection: Linear::load_conv1x1(&weights.child(6), wide, channels)?,
        })
    }

    fn forward(&self, mut x: Tensor<B, 4>) -> Tensor<B, 4> {
        for (convolution, norm) in [&self.first, &self.second] {
            x = <B as Kernels>::gelu(norm.forward(convolution.forward(x)));
        }
        self.projection.forward(x)
    }
}

use burn_tensor::Tensor;

use crate::config::BlockSpec;
use crate::kernels::{Arrival, Curve, Mix};
use crate::nn::{FeedForward, Host, LayerNorm, Linear, Weights};
use crate::{Kernels, ModelError};

/// One Hiera block (`MultiScaleBlock`): attention over windows or over the whole map (`MultiScaleAttention`), and a feed-forward.
#[derive(Debug)]
pub(crate) struct Block<B: Kernels> {
    norm: LayerNorm<B>,
    /// Queries, keys and values.
    projections: [Linear<B>; 3],
    heads: usize,
    window: Option<usize>,
    /// Whether queries, and with them the map, are max-pooled 2x2.
    pools: bool,
    projection: Linear<B>,
    /// Only where the number of channels changes.
    skip: Option<Linear<B>>,
    feed_forward: FeedForward<B>,
}

impl<B: Kernels> Block<B> {
    pub(crate) fn load(weights: &Weights<B>, spec: BlockSpec) -> Result<Self, ModelError> {
        let BlockSpec { dim_in, dim_out, num_heads: heads, window, pools, .. } = spec;
        let norm = |name, channels| LayerNorm::load(&weights.child(name), channels, LayerNorm::<B>::EPSILON_SMALL);
        let (attention, layers) = (weights.child("attn"), weights.child("mlp").child("layers"));
        Ok(Self {
            norm: norm("norm1", dim_in)?,
            projections: load_projections(&attention.child("qkv"), spec)?,
            heads,
            window,
            pools,
            projection: Linear::load(&attention.child("proj"), dim_out, dim_out)?,
            skip: (dim_in != dim_out).then(|| Linear::load(&weights.child("proj"), dim_in, dim_out)).transpose()?,
            feed_forward: FeedForward {
                norm: norm("norm2", dim_out)?,
                widen: Linear::load(&layers.child(0), dim_out, 4 * dim_out)?,
                curve: Curve::Gelu,
                narrow: Linear::load(&layers.child(1), 4 * dim_out, dim_out)?,
            },
        })
    }

    /// `[batch, height, width, channels]`, halved in height and width where the block pools.
    pub(crate) fn forward(&self, x: Tensor<B, 4>) -> Tensor<B, 4> {
        let arrival = Arrival {
            mixed: self.mix(x.clone()),
            projection: self.projection.parameters(),
            windows: self.window.map(|side| if self.pools { side / 2 } else { side }),
        };
        let before = match &self.skip {
            Some(skip) => self.pool(skip.forward(self.norm.forward_operand(x))),
            None => x,
        };
        self.feed_forward.forward(before, arrival)
    }

    /// `[batch or windows, height, width, channels]`
    fn mix(&self, x: Tensor<B, 4>) -> Tensor<B, 4> {
        let (norm, epsilon, operand) = self.norm.parameters();
        let projections = self.projections.each_ref().map(Linear::parameters);
        let Self { heads, window, pools, .. } = *self;
        <B as Kernels>::mix(Mix { x, norm, epsilon, operand, projections, heads, window, pools })
    }

    fn pool(&self, x: Tensor<B, 4>) -> Tensor<B, 4> {
        if self.pools { <B as Kernels>::max_pool_2x2(x) } else { x }
    }
}

/// Queries, keys and values apart: what comes out of each is contiguous, so that heads can be split without a copy.
fn load_projections<B: Kernels>(joint: &Weights<B>, spec: BlockSpec) -> Result<[Linear<B>; 3], ModelError> {
    let BlockSpec { dim_in, dim_out, .. } = spec;
    let Host { rows, bias } = Host::read(joint, &[3 * dim_out, dim_in])?;
    let third = |i: usize| {
        let outputs = i * dim_out..(i + 1) * dim_out;
        Linear::new(joint, &rows[outputs.start * dim_in..outputs.end * dim_in], &bias[outputs], dim_in)
    };
    Ok([third(0), third(1), third(2)])
}

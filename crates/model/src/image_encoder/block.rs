use burn_tensor::Tensor;

use crate::config::BlockSpec;
use crate::kernels::Curve;
use crate::nn::{FeedForward, LayerNorm, Linear, Weights};
use crate::{Kernels, ModelError};

/// One Hiera block (`MultiScaleBlock`): attention over windows or over the whole map, optionally with pooled queries.
#[derive(Debug)]
pub(crate) struct Block<B: Kernels> {
    norm1: LayerNorm<B>,
    attention: PooledAttention<B>,
    feed_forward: FeedForward<B>,
    /// Only where the number of channels changes.
    skip: Option<Linear<B>>,
    window: Option<usize>,
    pools: bool,
}

impl<B: Kernels> Block<B> {
    pub(crate) fn load(weights: &Weights<B>, spec: BlockSpec) -> Result<Self, ModelError> {
        let BlockSpec { dim_in, dim_out, .. } = spec;
        let norm = |name, channels| LayerNorm::load(&weights.child(name), channels, LayerNorm::<B>::EPSILON_SMALL);
        let layers = weights.child("mlp").child("layers");
        let skip = (dim_in != dim_out).then(|| Linear::load(&weights.child("proj"), dim_in, dim_out)).transpose()?;
        Ok(Self {
            norm1: norm("norm1", dim_in)?,
            attention: PooledAttention::load(&weights.child("attn"), spec)?,
            feed_forward: FeedForward {
                norm: norm("norm2", dim_out)?,
                widen: Linear::load(&layers.child(0), dim_out, 4 * dim_out)?,
                curve: Curve::Gelu,
                narrow: Linear::load(&layers.child(1), 4 * dim_out, dim_out)?,
            },
            skip,
            window: spec.window,
            pools: spec.pools,
        })
    }

    /// `[batch, height, width, channels]`, halved in height and width where the block pools.
    pub(crate) fn forward(&self, x: Tensor<B, 4>) -> Tensor<B, 4> {
        let x = match self.window {
            Some(side) => {
                let (shortcut, windows) = match &self.skip {
                    Some(projection) => {
                        let normed = self.norm1.forward_operand(x);
                        let shortcut = self.pool(projection.forward(normed.clone()));
                        (shortcut, <B as Kernels>::window_partition(normed, side))
                    }
                    None => (x.clone(), self.norm1.forward_windows(x, side)),
                };
                self.attention.forward_add_windows(windows, shortcut, self.pooled(side))
            }
            None => {
                let normed = self.norm1.forward_operand(x.clone());
                let shortcut = match &self.skip {
                    Some(projection) => self.pool(projection.forward(normed.clone())),
                    None => x,
                };
                self.attention.forward_add(normed, shortcut)
            }
        };
        self.feed_forward.forward(x)
    }

    fn pool(&self, x: Tensor<B, 4>) -> Tensor<B, 4> {
        if self.pools { <B as Kernels>::max_pool_2x2(x) } else { x }
    }

    fn pooled(&self, side: usize) -> usize {
        if self.pools { side / 2 } else { side }
    }
}

/// Self attention whose queries may be max-pooled 2x2 (`MultiScaleAttention`).
#[derive(Debug)]
struct PooledAttention<B: Kernels> {
    /// Queries, keys and values apart: what comes out of each is contiguous, so that heads can be split without a copy.
    qkv: [Linear<B>; 3],
    proj: Linear<B>,
    heads: usize,
    pools: bool,
}

impl<B: Kernels> PooledAttention<B> {
    fn load(weights: &Weights<B>, spec: BlockSpec) -> Result<Self, ModelError> {
        let BlockSpec { dim_in, dim_out, num_heads, pools, .. } = spec;
        let joint = weights.child("qkv");
        let rows = joint.host("weight", &[3 * dim_out, dim_in])?;
        let bias = joint.host("bias", &[3 * dim_out])?;
        let third = |i: usize| {
            let outputs = i * dim_out..(i + 1) * dim_out;
            Linear::new(weights, &rows[outputs.start * dim_in..outputs.end * dim_in], &bias[outputs], dim_in)
        };
        Ok(Self {
            qkv: [third(0), third(1), third(2)],
            proj: Linear::load(&weights.child("proj"), dim_out, dim_out)?,
            heads: num_heads,
            pools,
        })
    }

    /// The map `before` plus what attention within each of the `windows` of a map gives; `side` is that of the windows it gives.
    fn forward_add_windows(&self, windows: Tensor<B, 4>, before: Tensor<B, 4>, side: usize) -> Tensor<B, 4> {
        self.proj.forward_add_windows(self.mix(windows), before, side)
    }

    /// `before` plus what attention over whole maps gives.
    fn forward_add(&self, x: Tensor<B, 4>, before: Tensor<B, 4>) -> Tensor<B, 4> {
        self.proj.forward_add(self.mix(x), before)
    }

    /// `[windows, height, width, channels]`
    fn mix(&self, x: Tensor<B, 4>) -> Tensor<B, 4> {
        let project = |linear: &Linear<B>| linear.forward_operand(x.clone(), Curve::Straight);
        let [query, key, value] = self.qkv.each_ref().map(project);
        let query = if self.pools { <B as Kernels>::max_pool_2x2(query) } else { query };
        let [windows, height, width, channels] = query.dims();
        let [query, key, value] = [query, key, value].map(sequence);
        let mixed = <B as Kernels>::attend_as(query, key, value, self.heads, self.proj.factors());
        mixed.reshape([windows, height, width, channels])
    }
}

/// `[batch, height, width, channels]` to `[batch, height * width, channels]`.
fn sequence<B: Kernels>(x: Tensor<B, 4>) -> Tensor<B, 3> {
    let [batch, height, width, channels] = x.dims();
    x.reshape([batch, height * width, channels])
}

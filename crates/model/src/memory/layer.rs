use burn_tensor::Tensor;

use super::attention::MemoryTokens;
use crate::config::ModelConfig;
use crate::kernels::{Arrival, Curve, LookBack};
use crate::nn::{FeedForward, Host, LayerNorm, Linear, Weights};
use crate::position::{RopeTables, rope_permutation};
use crate::{Kernels, ModelError};

/// `MemoryAttentionLayer`: self attention, attention to memories, feed-forward.
#[derive(Debug)]
pub(crate) struct Layer<B: Kernels> {
    self_attention: SelfAttention<B>,
    cross_attention: CrossAttention<B>,
    norms: [LayerNorm<B>; 2],
    feed_forward: FeedForward<B>,
}

impl<B: Kernels> Layer<B> {
    pub(crate) fn load(weights: &Weights<B>, config: &ModelConfig) -> Result<Self, ModelError> {
        let channels = config.d_model;
        let hidden = config.memory_attention.dim_feedforward;
        let norm = |name| LayerNorm::load(&weights.child(name), channels, LayerNorm::<B>::EPSILON);
        Ok(Self {
            self_attention: SelfAttention::load(&weights.child("self_attn"), channels)?,
            cross_attention: CrossAttention::load(&weights.child("cross_attn_image"), channels, config.mem_dim)?,
            norms: [norm("norm1")?, norm("norm2")?],
            feed_forward: FeedForward {
                norm: norm("norm3")?,
                widen: Linear::load(&weights.child("linear1"), channels, hidden)?,
                curve: Curve::Relu,
                narrow: Linear::load(&weights.child("linear2"), hidden, channels)?,
            },
        })
    }

    /// `x` `[1 or objects, grid * grid, channels]` to `[objects, grid * grid, channels]`.
    pub(crate) fn forward(&self, x: Tensor<B, 3>, memory: &MemoryTokens<B>, rope: &RopeTables<B>) -> Tensor<B, 3> {
        let x = self.look_at_itself(x, rope);
        self.look_back(x, memory, rope)
    }

    /// The first half, in which nothing of a memory comes in.
    pub(crate) fn look_at_itself(&self, x: Tensor<B, 3>, rope: &RopeTables<B>) -> Tensor<B, 3> {
        let [norm, ..] = &self.norms;
        self.self_attention.forward_add(norm.forward_operand(x.clone()), x, rope)
    }

    /// The second half: attention to memories, and the feed-forward.
    pub(crate) fn look_back(&self, x: Tensor<B, 3>, memory: &MemoryTokens<B>, rope: &RopeTables<B>) -> Tensor<B, 3> {
        let [_, norm] = &self.norms;
        let mixed = self.cross_attention.mix(norm.forward_operand(x.clone()), memory, rope);
        let [objects, cells, _] = mixed.dims();
        let channels = x.dims()[2];
        let projection = self.cross_attention.value_out.parameters();
        self.feed_forward.forward(x.expand([objects, cells, channels]), Arrival { mixed, projection, windows: None })
    }
}

/// `RoPEAttention` of a map to itself, one head.
#[derive(Debug)]
struct SelfAttention<B: Kernels> {
    query: Linear<B>,
    key: Linear<B>,
    value: Linear<B>,
    out: Linear<B>,
}

impl<B: Kernels> SelfAttention<B> {
    fn load(weights: &Weights<B>, channels: usize) -> Result<Self, ModelError> {
        Ok(Self {
            query: load_permuted(&weights.child("q_proj"), channels, channels)?,
            key: load_permuted(&weights.child("k_proj"), channels, channels)?,
            value: Linear::load(&weights.child("v_proj"), channels, channels)?,
            out: Linear::load(&weights.child("out_proj"), channels, channels)?,
        })
    }

    /// `before` plus what the map sees in itself.
    fn forward_add(&self, x: Tensor<B, 3>, before: Tensor<B, 3>, rope: &RopeTables<B>) -> Tensor<B, 3> {
        let tokens = x.dims()[1];
        let query = rope.apply(self.query.forward_operand(x.clone(), Curve::Straight), tokens);
        let key = rope.apply(self.key.forward_operand(x.clone(), Curve::Straight), tokens);
        let value = self.value.forward_operand(x, Curve::Straight);
        self.out.forward_add(<B as Kernels>::attend_as(query, key, value, 1, self.query.factors()), before)
    }
}

/// `RoPEAttention` of a map to memories, one head.
///
/// The reference projects every memory token to a value, mixes values, and projects the mixture. Both projections are linear and
/// the weights of a mixture sum to one, so mixing the raw memories first and projecting once with the product of the two matrices
/// gives the same result from a quarter of the work (`mem_dim` instead of `d_model` channels to mix).
#[derive(Debug)]
pub(crate) struct CrossAttention<B: Kernels> {
    query: Linear<B>,
    key: Linear<B>,
    value_out: Linear<B>,
}

impl<B: Kernels> CrossAttention<B> {
    pub(crate) fn load(weights: &Weights<B>, channels: usize, mem_dim: usize) -> Result<Self, ModelError> {
        Ok(Self {
            query: load_permuted(&weights.child("q_proj"), channels, channels)?,
            key: load_permuted(&weights.child("k_proj"), mem_dim, channels)?,
            value_out: load_value_out(weights, channels, mem_dim)?,
        })
    }

    #[cfg(test)]
    pub(crate) fn forward(&self, x: Tensor<B, 3>, memory: &MemoryTokens<B>, rope: &RopeTables<B>) -> Tensor<B, 3> {
        self.value_out.forward(self.mix(x, memory, rope))
    }

    /// Mixtures of raw memories, `[objects, cells, mem_dim]`.
    fn mix(&self, x: Tensor<B, 3>, memory: &MemoryTokens<B>, rope: &RopeTables<B>) -> Tensor<B, 3> {
        let objects = memory.values.dims()[0];
        let [_, cells, channels] = x.dims();
        let query = rope.apply(self.query.forward_operand(x, Curve::Straight), cells);
        let (weight, bias) = self.key.parameters();
        <B as Kernels>::look_back(LookBack {
            queries: query.expand([objects, cells, channels]),
            values: memory.values.clone(),
            located: memory.located.clone(),
            placeless: memory.pointer_tokens,
            weight,
            bias,
            cos: rope.cos.clone(),
            sin: rope.sin.clone(),
        })
    }
}

/// A projection whose outputs stand in the order that [`RopeTables::apply`] wants.
fn load_permuted<B: Kernels>(weights: &Weights<B>, d_in: usize, d_out: usize) -> Result<Linear<B>, ModelError> {
    let Host { rows, bias } = Host::read(weights, &[d_out, d_in])?;
    let permuted: Vec<f32> =
        rope_permutation(d_out).flat_map(|o| rows[o * d_in..(o + 1) * d_in].iter().copied()).collect();
    let bias: Vec<f32> = rope_permutation(d_out).map(|o| bias[o]).collect();
    Ok(Linear::new(weights, &permuted, &bias, d_in))
}

/// `v_proj` followed by `out_proj` as one projection from `mem_dim` to `channels`.
fn load_value_out<B: Kernels>(weights: &Weights<B>, channels: usize, mem_dim: usize) -> Result<Linear<B>, ModelError> {
    let (value, out) = (weights.child("v_proj"), weights.child("out_proj"));
    let (value, out) = (Host::read(&value, &[channels, mem_dim])?, Host::read(&out, &[channels, channels])?);
    Ok(Linear::chained(weights, value, out))
}

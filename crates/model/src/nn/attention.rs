use burn_tensor::Tensor;

use super::{Linear, Weights};
use crate::{Kernels, ModelError};

/// Attention with separate projections (`Attention` in `modeling/sam/transformer.py`).
#[derive(Debug)]
pub(crate) struct Attention<B: Kernels> {
    q_proj: Linear<B>,
    k_proj: Linear<B>,
    v_proj: Linear<B>,
    out_proj: Linear<B>,
    heads: usize,
}

impl<B: Kernels> Attention<B> {
    /// `internal` channels after projection, shared by the heads.
    pub(crate) fn load(
        weights: &Weights<B>,
        channels: usize,
        internal: usize,
        heads: usize,
    ) -> Result<Self, ModelError> {
        let project = |name| Linear::load(&weights.child(name), channels, internal);
        Ok(Self {
            q_proj: project("q_proj")?,
            k_proj: project("k_proj")?,
            v_proj: project("v_proj")?,
            out_proj: Linear::load(&weights.child("out_proj"), internal, channels)?,
            heads,
        })
    }

    /// `q` `[batch, n, channels]`, `k` and `v` `[batch, m, channels]` to `[batch, n, channels]`.
    pub(crate) fn forward(&self, q: Tensor<B, 3>, k: Tensor<B, 3>, v: Tensor<B, 3>) -> Tensor<B, 3> {
        let mixed = attend(self.q_proj.forward(q), self.k_proj.forward(k), self.v_proj.forward(v), self.heads);
        self.out_proj.forward(mixed)
    }
}

/// Multi-head attention over projected sequences: `q` `[batch, n, heads * d]`, `k` `[batch, m, heads * d]`, `v`
/// `[batch, m, heads * e]` to `[batch, n, heads * e]`.
pub(crate) fn attend<B: Kernels>(q: Tensor<B, 3>, k: Tensor<B, 3>, v: Tensor<B, 3>, heads: usize) -> Tensor<B, 3> {
    let [batch, n, _] = q.dims();
    let value_channels = v.dims()[2];
    let mixed = <B as Kernels>::attention(split_heads(q, heads), split_heads(k, heads), split_heads(v, heads));
    mixed.swap_dims(1, 2).reshape([batch, n, value_channels])
}

fn split_heads<B: Kernels>(x: Tensor<B, 3>, heads: usize) -> Tensor<B, 4> {
    let [batch, n, channels] = x.dims();
    x.reshape([batch, n, heads, channels / heads]).swap_dims(1, 2)
}

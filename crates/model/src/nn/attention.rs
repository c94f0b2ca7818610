use burn_tensor::Tensor;

use super::{Linear, Weights};
use crate::kernels::Curve;
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
        self.out_proj.forward(self.mix(q, k, v))
    }

    /// `before` plus the result.
    pub(crate) fn forward_add(
        &self,
        q: Tensor<B, 3>,
        k: Tensor<B, 3>,
        v: Tensor<B, 3>,
        before: Tensor<B, 3>,
    ) -> Tensor<B, 3> {
        self.out_proj.forward_add(self.mix(q, k, v), before)
    }

    fn mix(&self, q: Tensor<B, 3>, k: Tensor<B, 3>, v: Tensor<B, 3>) -> Tensor<B, 3> {
        let project = |linear: &Linear<B>, x| linear.forward_operand(x, Curve::Straight);
        let (q, k, v) = (project(&self.q_proj, q), project(&self.k_proj, k), project(&self.v_proj, v));
        <B as Kernels>::attend_as(q, k, v, self.heads, self.q_proj.factors())
    }
}

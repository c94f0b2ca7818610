use burn_tensor::Tensor;

use crate::config::ModelConfig;
use crate::kernels::Curve;
use crate::nn::{Attention, LayerNorm, Mlp, Weights};
use crate::{Kernels, ModelError};

/// Tokens and image attend to each other in turn (`TwoWayTransformer` in `modeling/sam/transformer.py`).
#[derive(Debug)]
pub(crate) struct TwoWayTransformer<B: Kernels> {
    layers: Vec<Layer<B>>,
    final_attention: Attention<B>,
    final_norm: LayerNorm<B>,
}

impl<B: Kernels> TwoWayTransformer<B> {
    pub(crate) fn load(weights: &Weights<B>, config: &ModelConfig) -> Result<Self, ModelError> {
        let channels = config.d_model;
        let layers = weights.child("layers");
        let final_attention = weights.child("final_attn_token_to_image");
        Ok(Self {
            layers: (0..config.mask_decoder.depth)
                .map(|index| Layer::load(&layers.child(index), config, index == 0))
                .collect::<Result<_, _>>()?,
            final_attention: Attention::load(&final_attention, channels, channels / 2, config.mask_decoder.num_heads)?,
            final_norm: LayerNorm::load(&weights.child("norm_final_attn"), channels, LayerNorm::<B>::EPSILON)?,
        })
    }

    /// `tokens` `[objects, n, channels]`, `image` `[objects, m, channels]` and its `position` `[1, m, channels]`; both come back
    /// changed.
    pub(crate) fn forward(
        &self,
        tokens: Tensor<B, 3>,
        image: Tensor<B, 3>,
        position: Tensor<B, 3>,
    ) -> (Tensor<B, 3>, Tensor<B, 3>) {
        let prompt = tokens.clone();
        let (mut queries, mut keys) = (tokens, image);
        for layer in &self.layers {
            (queries, keys) = layer.forward(queries, keys, &prompt, &position);
        }
        let asking = queries.clone() + prompt;
        let queries = self.final_attention.forward_add(
            asking,
            <B as Kernels>::add_shared(keys.clone(), position),
            keys.clone(),
            queries,
        );
        (self.final_norm.forward(queries), keys)
    }
}

/// `TwoWayAttentionBlock`.
#[derive(Debug)]
struct Layer<B: Kernels> {
    self_attn: Attention<B>,
    token_to_image: Attention<B>,
    mlp: Mlp<B>,
    image_to_token: Attention<B>,
    norms: [LayerNorm<B>; 4],
    /// The first layer attends without positions and without a residual.
    first: bool,
}

impl<B: Kernels> Layer<B> {
    fn load(weights: &Weights<B>, config: &ModelConfig, first: bool) -> Result<Self, ModelError> {
        let channels = config.d_model;
        let heads = config.mask_decoder.num_heads;
        let attention = |name, internal| Attention::load(&weights.child(name), channels, internal, heads);
        let norm = |name| LayerNorm::load(&weights.child(name), channels, LayerNorm::<B>::EPSILON);
        let widths = [channels, config.mask_decoder.mlp_dim, channels];
        Ok(Self {
            self_attn: attention("self_attn", channels)?,
            token_to_image: attention("cross_attn_token_to_image", channels / 2)?,
            mlp: Mlp::load(&weights.child("mlp"), &widths, Curve::Relu)?,
            image_to_token: attention("cross_attn_image_to_token", channels / 2)?,
            norms: [norm("norm1")?, norm("norm2")?, norm("norm3")?, norm("norm4")?],
            first,
        })
    }

    fn forward(
        &self,
        queries: Tensor<B, 3>,
        keys: Tensor<B, 3>,
        prompt: &Tensor<B, 3>,
        position: &Tensor<B, 3>,
    ) -> (Tensor<B, 3>, Tensor<B, 3>) {
        let [norm1, norm2, norm3, norm4] = &self.norms;
        let queries = norm1.forward(self.mix_tokens(queries, prompt));

        let located = <B as Kernels>::add_shared(keys.clone(), position.clone());
        let asking = queries.clone() + prompt.clone();
        let queries = norm2.forward(self.token_to_image.forward_add(asking, located.clone(), keys.clone(), queries));

        let queries = norm3.forward(self.mlp.forward_add(queries.clone(), queries));

        let telling = queries.clone() + prompt.clone();
        let keys = norm4.forward(self.image_to_token.forward_add(located, telling, queries.clone(), keys));
        (queries, keys)
    }

    fn mix_tokens(&self, queries: Tensor<B, 3>, prompt: &Tensor<B, 3>) -> Tensor<B, 3> {
        if self.first {
            return self.self_attn.forward(queries.clone(), queries.clone(), queries);
        }
        let located = queries.clone() + prompt.clone();
        self.self_attn.forward_add(located.clone(), located, queries.clone(), queries)
    }
}

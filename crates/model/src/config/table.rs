//! The names and shapes of all tensors of a member, as `SAM2VideoPredictor.state_dict()` has them.

use super::{BlockSpec, FIXED_HIDDEN, ModelConfig};

/// Mask candidates: one for an unambiguous prompt and three for an ambiguous one.
const MASK_TOKENS: usize = 4;

/// A tensor that a checkpoint has to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorSpec {
    /// Official name.
    pub name: String,
    /// Sizes, outermost first, as PyTorch keeps them: `[out, in]` for a linear layer, `[out, in, height, width]` for a
    /// convolution, `[in, out, height, width]` for a transposed one.
    pub shape: Vec<usize>,
}

impl TensorSpec {
    /// Numbers in the tensor.
    pub fn elements(&self) -> u64 {
        self.shape.iter().map(|&size| size as u64).product()
    }
}

impl ModelConfig {
    /// Every tensor of the model, in the order of the official state dict. Buffers are included.
    pub fn tensor_table(&self) -> Vec<TensorSpec> {
        let mut table = Table::default();
        table.embeddings(self);
        table.trunk(self);
        table.neck(self);
        table.conv("mask_downsample", [1, 1, 4, 4]);
        table.memory_attention(self);
        table.memory_encoder(self);
        table.prompt_encoder(self.d_model);
        table.mask_decoder(self);
        table.mlp("obj_ptr_proj", &[self.d_model; 4]);
        if self.family.proj_tpos_enc_in_obj_ptrs() {
            table.linear("obj_ptr_tpos_proj", self.d_model, self.mem_dim);
        }
        table.0
    }
}

#[derive(Default)]
struct Table(Vec<TensorSpec>);

impl Table {
    fn push(&mut self, name: impl Into<String>, shape: &[usize]) {
        self.0.push(TensorSpec { name: name.into(), shape: shape.to_vec() });
    }

    fn weight_and_bias(&mut self, name: &str, weight: &[usize], channels: usize) {
        self.push(format!("{name}.weight"), weight);
        self.push(format!("{name}.bias"), &[channels]);
    }

    fn linear(&mut self, name: &str, inputs: usize, outputs: usize) {
        self.weight_and_bias(name, &[outputs, inputs], outputs);
    }

    fn conv(&mut self, name: &str, shape: [usize; 4]) {
        self.weight_and_bias(name, &shape, shape[0]);
    }

    fn transposed_conv(&mut self, name: &str, shape: [usize; 4]) {
        self.weight_and_bias(name, &shape, shape[1]);
    }

    fn norm(&mut self, name: &str, channels: usize) {
        self.weight_and_bias(name, &[channels], channels);
    }

    /// Linear layers `name.layers.0`, ... between the given widths.
    fn mlp(&mut self, name: &str, widths: &[usize]) {
        for (index, pair) in widths.windows(2).enumerate() {
            self.linear(&format!("{name}.layers.{index}"), pair[0], pair[1]);
        }
    }

    /// Projections of an attention that works at `inner` channels on queries of `width` channels.
    fn attention(&mut self, name: &str, width: usize, inner: usize, keys: usize) {
        for (part, inputs) in [("q_proj", width), ("k_proj", keys), ("v_proj", keys)] {
            self.linear(&format!("{name}.{part}"), inputs, inner);
        }
        self.linear(&format!("{name}.out_proj"), inner, width);
    }

    fn embeddings(&mut self, config: &ModelConfig) {
        self.push("maskmem_tpos_enc", &[config.num_maskmem, 1, 1, config.mem_dim]);
        self.push("no_mem_embed", &[1, 1, config.d_model]);
        self.push("no_mem_pos_enc", &[1, 1, config.d_model]);
        self.push("no_obj_ptr", &[1, config.d_model]);
        if config.family.no_obj_embed_spatial() {
            self.push("no_obj_embed_spatial", &[1, config.mem_dim]);
        }
    }

    fn trunk(&mut self, config: &ModelConfig) {
        let (trunk, width) = (&config.trunk, config.trunk.embed_dim);
        let [height, breadth] = trunk.window_pos_embed_bkg_spatial_size;
        let window = trunk.window_spec[0];
        self.push("image_encoder.trunk.pos_embed", &[1, width, height, breadth]);
        self.push("image_encoder.trunk.pos_embed_window", &[1, width, window, window]);
        self.conv("image_encoder.trunk.patch_embed.proj", [width, 3, 7, 7]);
        for (index, block) in config.blocks().iter().enumerate() {
            self.block(&format!("image_encoder.trunk.blocks.{index}"), block);
        }
    }

    fn block(&mut self, name: &str, block: &BlockSpec) {
        let (inputs, outputs) = (block.dim_in, block.dim_out);
        self.norm(&format!("{name}.norm1"), inputs);
        self.linear(&format!("{name}.attn.qkv"), inputs, 3 * outputs);
        self.linear(&format!("{name}.attn.proj"), outputs, outputs);
        self.norm(&format!("{name}.norm2"), outputs);
        self.mlp(&format!("{name}.mlp"), &[outputs, 4 * outputs, outputs]);
        if inputs != outputs {
            self.linear(&format!("{name}.proj"), inputs, outputs);
        }
    }

    fn neck(&mut self, config: &ModelConfig) {
        for (index, &width) in config.stage_dims().iter().rev().enumerate() {
            self.conv(&format!("image_encoder.neck.convs.{index}.conv"), [config.d_model, width, 1, 1]);
        }
    }

    fn memory_attention(&mut self, config: &ModelConfig) {
        let (width, hidden) = (config.d_model, config.memory_attention.dim_feedforward);
        for index in 0..config.memory_attention.num_layers {
            let layer = format!("memory_attention.layers.{index}");
            self.attention(&format!("{layer}.self_attn"), width, width, width);
            self.attention(&format!("{layer}.cross_attn_image"), width, width, config.mem_dim);
            self.linear(&format!("{layer}.linear1"), width, hidden);
            self.linear(&format!("{layer}.linear2"), hidden, width);
            for norm in ["norm1", "norm2", "norm3"] {
                self.norm(&format!("{layer}.{norm}"), width);
            }
        }
        self.norm("memory_attention.norm", width);
    }

    fn memory_encoder(&mut self, config: &ModelConfig) {
        let width = config.d_model;
        let sampler = "memory_encoder.mask_downsampler.encoder";
        for (index, (inputs, outputs)) in [(1, 4), (4, 16), (16, 64), (64, FIXED_HIDDEN)].into_iter().enumerate() {
            self.conv(&format!("{sampler}.{}", 3 * index), [outputs, inputs, 3, 3]);
            self.norm(&format!("{sampler}.{}", 3 * index + 1), outputs);
        }
        self.conv(&format!("{sampler}.12"), [width, FIXED_HIDDEN, 1, 1]);
        self.conv("memory_encoder.pix_feat_proj", [width, width, 1, 1]);
        for index in 0..2 {
            let layer = format!("memory_encoder.fuser.layers.{index}");
            self.push(format!("{layer}.gamma"), &[width]);
            self.conv(&format!("{layer}.dwconv"), [width, 1, 7, 7]);
            self.norm(&format!("{layer}.norm"), width);
            self.linear(&format!("{layer}.pwconv1"), width, 4 * width);
            self.linear(&format!("{layer}.pwconv2"), 4 * width, width);
        }
        self.conv("memory_encoder.out_proj", [config.mem_dim, width, 1, 1]);
    }

    fn prompt_encoder(&mut self, width: usize) {
        let name = "sam_prompt_encoder";
        self.push(format!("{name}.pe_layer.positional_encoding_gaussian_matrix"), &[2, width / 2]);
        for index in 0..4 {
            self.push(format!("{name}.point_embeddings.{index}.weight"), &[1, width]);
        }
        self.push(format!("{name}.not_a_point_embed.weight"), &[1, width]);
        self.conv(&format!("{name}.mask_downscaling.0"), [4, 1, 2, 2]);
        self.norm(&format!("{name}.mask_downscaling.1"), 4);
        self.conv(&format!("{name}.mask_downscaling.3"), [16, 4, 2, 2]);
        self.norm(&format!("{name}.mask_downscaling.4"), 16);
        self.conv(&format!("{name}.mask_downscaling.6"), [width, 16, 1, 1]);
        self.push(format!("{name}.no_mask_embed.weight"), &[1, width]);
    }

    fn two_way_transformer(&mut self, config: &ModelConfig) {
        let name = "sam_mask_decoder.transformer";
        let width = config.d_model;
        for index in 0..config.mask_decoder.depth {
            let layer = format!("{name}.layers.{index}");
            self.attention(&format!("{layer}.self_attn"), width, width, width);
            self.norm(&format!("{layer}.norm1"), width);
            self.attention(&format!("{layer}.cross_attn_token_to_image"), width, width / 2, width);
            self.norm(&format!("{layer}.norm2"), width);
            self.mlp(&format!("{layer}.mlp"), &[width, config.mask_decoder.mlp_dim, width]);
            self.norm(&format!("{layer}.norm3"), width);
            self.norm(&format!("{layer}.norm4"), width);
            self.attention(&format!("{layer}.cross_attn_image_to_token"), width, width / 2, width);
        }
        self.attention(&format!("{name}.final_attn_token_to_image"), width, width / 2, width);
        self.norm(&format!("{name}.norm_final_attn"), width);
    }

    fn mask_decoder(&mut self, config: &ModelConfig) {
        let name = "sam_mask_decoder";
        let width = config.d_model;
        self.two_way_transformer(config);
        for (token, count) in [("iou_token", 1), ("mask_tokens", MASK_TOKENS), ("obj_score_token", 1)] {
            self.push(format!("{name}.{token}.weight"), &[count, width]);
        }
        self.transposed_conv(&format!("{name}.output_upscaling.0"), [width, width / 4, 2, 2]);
        self.norm(&format!("{name}.output_upscaling.1"), width / 4);
        self.transposed_conv(&format!("{name}.output_upscaling.3"), [width / 4, width / 8, 2, 2]);
        self.conv(&format!("{name}.conv_s0"), [width / 8, width, 1, 1]);
        self.conv(&format!("{name}.conv_s1"), [width / 4, width, 1, 1]);
        for index in 0..MASK_TOKENS {
            self.mlp(&format!("{name}.output_hypernetworks_mlps.{index}"), &[width, width, width, width / 8]);
        }
        self.mlp(&format!("{name}.iou_prediction_head"), &[width, FIXED_HIDDEN, FIXED_HIDDEN, MASK_TOKENS]);
        self.mlp(&format!("{name}.pred_obj_score_head"), &[width, width, width, 1]);
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Family, ModelConfig, Size};

    /// Tensors and parameters counted in the state dicts of the official package, 1.1.0.
    #[test]
    fn official_members_have_the_official_counts() {
        let expected = [
            (Family::Sam21, Size::Tiny, 471, 38_962_754),
            (Family::Sam21, Size::Small, 519, 46_060_610),
            (Family::Sam21, Size::BasePlus, 615, 80_850_434),
            (Family::Sam21, Size::Large, 903, 224_446_898),
            (Family::Sam2, Size::Tiny, 468, 38_946_242),
            (Family::Sam2, Size::Small, 516, 46_044_098),
            (Family::Sam2, Size::BasePlus, 612, 80_833_922),
            (Family::Sam2, Size::Large, 900, 224_430_386),
        ];
        for (family, size, tensors, parameters) in expected {
            let config = ModelConfig::official(family, size);
            assert_eq!(config.tensor_table().len(), tensors, "{}", config.full_name());
            assert_eq!(config.parameter_count(), parameters, "{}", config.full_name());
        }
    }
}

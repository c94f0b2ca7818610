use burn_tensor::Tensor;

use crate::config::ModelConfig;
use crate::nn::Weights;
use crate::position::sine_1d;
use crate::{Kernels, ModelError};

/// Says how long ago a pointer was made (`obj_ptr_tpos_proj` and its use in `_prepare_memory_conditioned_features`). The input is
/// one number, so this runs on the host.
#[derive(Debug)]
pub(crate) struct PointerEncoder {
    /// `None` in SAM 2.0, which does not say.
    projection: Option<Projection>,
    mem_dim: usize,
    d_model: usize,
}

#[derive(Debug)]
struct Projection {
    /// `[mem_dim, d_model]`
    rows: Vec<f32>,
    bias: Vec<f32>,
}

impl PointerEncoder {
    pub(crate) fn load<B: Kernels>(weights: &Weights<B>, config: &ModelConfig) -> Result<Self, ModelError> {
        let (d_model, mem_dim) = (config.d_model, config.mem_dim);
        let layer = weights.child("obj_ptr_tpos_proj");
        let projection = if config.family.proj_tpos_enc_in_obj_ptrs() {
            let rows = layer.host("weight", &[mem_dim, d_model])?.to_vec();
            Some(Projection { rows, bias: layer.host("bias", &[mem_dim])?.to_vec() })
        } else {
            None
        };
        Ok(Self { projection, mem_dim, d_model })
    }

    /// Positions `[1, ages * d_model / mem_dim, mem_dim]` of pointers made `ages` frames ago. Ages are divided by `span`, the
    /// greatest age that the network was trained with.
    pub(crate) fn positions<B: Kernels>(&self, ages: &[u64], span: f32, device: &B::Device) -> Tensor<B, 3> {
        let tokens = self.d_model / self.mem_dim;
        let values: Vec<f32> = ages.iter().flat_map(|&age| self.encode(age as f32 / span).repeat(tokens)).collect();
        Tensor::from_data(burn_tensor::TensorData::new(values, [1, ages.len() * tokens, self.mem_dim]), device)
    }

    fn encode(&self, position: f32) -> Vec<f32> {
        let Some(Projection { rows, bias }) = &self.projection else { return vec![0.0; self.mem_dim] };
        let wave = sine_1d(position, self.d_model);
        let project = |(row, bias): (&[f32], &f32)| row.iter().zip(&wave).map(|(w, x)| w * x).sum::<f32>() + bias;
        rows.chunks_exact(self.d_model).zip(bias).map(project).collect()
    }
}

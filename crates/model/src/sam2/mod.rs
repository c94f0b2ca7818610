//! The whole network, as the steps a tracker takes with it (`SAM2Base` in `modeling/sam2_base.py`).
//!
//! Nothing here remembers anything from one frame to the next: what a frame needs of earlier ones is passed in.

mod heads;
mod image;
mod memory;
mod read;
mod warm_up;

use burn_tensor::Tensor;

use crate::config::ModelConfig;
use crate::image_encoder::ImageEncoder;
use crate::kernels::Curve;
use crate::mask_decoder::MaskDecoder;
use crate::memory::{MemoryAttention, MemoryEncoder, PointerEncoder};
use crate::nn::{Conv2d, Mlp, TensorSource, Weights};
use crate::position::sine_2d;
use crate::prompt_encoder::PromptEncoder;
use crate::{Kernels, ModelError, Precision};

pub use heads::{Candidates, MaskPrompt, Prediction};
pub use image::ImageFeatures;
pub use memory::{MemoryMap, ObjectMemory, Pointer};
pub use read::{read, read_all};

/// SAM 2 or SAM 2.1 on one device.
#[derive(Debug)]
pub struct Sam2<B: Kernels> {
    config: ModelConfig,
    device: B::Device,
    image_encoder: ImageEncoder<B>,
    prompt_encoder: PromptEncoder<B>,
    mask_decoder: MaskDecoder<B>,
    memory_attention: MemoryAttention<B>,
    memory_encoder: MemoryEncoder<B>,
    pointer_encoder: PointerEncoder,
    /// Brings a mask prompt from image size to the size of mask logits.
    mask_downsample: Conv2d<B>,
    obj_ptr_proj: Mlp<B>,
    /// Added to the map of a frame that has no memory to look at, `[1, 1, d_model]`
    no_mem_embed: Tensor<B, 3>,
    /// Pointer of an object that is not in sight, `[1, d_model]`
    no_obj_ptr: Tensor<B, 2>,
    /// Added to the memory of a frame on which the object is not in sight, `[1, 1, mem_dim]`; SAM 2.1 only
    no_obj_embed_spatial: Option<Tensor<B, 3>>,
    /// Place and age of every memory token, one map `[1, grid * grid, mem_dim]` per slot
    slot_positions: Vec<Tensor<B, 3>>,
}

impl<B: Kernels> Sam2<B> {
    /// Builds the network that `config` describes from `source`, whose names are those of the official checkpoints.
    ///
    /// # Errors
    /// [`ModelError::Config`] where `config` describes no network, [`ModelError::NoTensor`] or [`ModelError::TensorShape`]
    /// where a parameter does not fit.
    pub fn load(config: &ModelConfig, source: &dyn TensorSource, device: &B::Device) -> Result<Self, ModelError> {
        Self::load_as(config, source, device, Precision::Auto)
    }

    /// The same, with factors of the precision asked for.
    ///
    /// # Errors
    /// As [`load`](Self::load), and [`ModelError::Precision`] where the device does not compute in it.
    pub fn load_as(
        config: &ModelConfig,
        source: &dyn TensorSource,
        device: &B::Device,
        precision: Precision,
    ) -> Result<Self, ModelError> {
        config.validate()?;
        let root = Weights::<B>::new(source, device).with_factors(precision.factors::<B>(device)?);
        let channels = config.d_model;
        let decoder = root.child("sam_mask_decoder");
        let spatial = config.family.no_obj_embed_spatial();
        let no_obj_embed_spatial =
            spatial.then(|| root.tensor("no_obj_embed_spatial", [1, config.mem_dim])).transpose()?;
        Ok(Self {
            device: device.clone(),
            image_encoder: ImageEncoder::load(&root.child("image_encoder"), &decoder, config)?,
            prompt_encoder: PromptEncoder::load(&root.child("sam_prompt_encoder"), config)?,
            mask_decoder: MaskDecoder::load(&decoder, config)?,
            memory_attention: MemoryAttention::load(&root.child("memory_attention"), config)?,
            memory_encoder: MemoryEncoder::load(&root.child("memory_encoder"), config)?,
            pointer_encoder: PointerEncoder::load(&root, config)?,
            mask_downsample: Conv2d::load(&root.child("mask_downsample"), [1, 1], [4, 4, 0])?,
            obj_ptr_proj: Mlp::load(&root.child("obj_ptr_proj"), &[channels; 4], Curve::Relu)?,
            no_mem_embed: root.tensor("no_mem_embed", [1, 1, channels])?,
            no_obj_ptr: root.tensor("no_obj_ptr", [1, channels])?,
            no_obj_embed_spatial: no_obj_embed_spatial.map(|t| t.unsqueeze_dim(1)),
            slot_positions: slot_positions(&root, config)?,
            config: config.clone(),
        })
    }

    /// What was loaded.
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// Where it runs.
    pub fn device(&self) -> &B::Device {
        &self.device
    }
}

/// `maskmem_tpos_enc` plus the sine encoding of the map, per slot.
fn slot_positions<B: Kernels>(root: &Weights<B>, config: &ModelConfig) -> Result<Vec<Tensor<B, 3>>, ModelError> {
    let (grid, channels, slots) = (config.feature_grid(), config.mem_dim, config.num_maskmem);
    let times = root.host("maskmem_tpos_enc", &[slots, 1, 1, channels])?;
    let place = sine_2d(grid, channels);
    let slot = |time: &[f32]| {
        let values = place.chunks_exact(channels).flat_map(|cell| cell.iter().zip(time).map(|(p, t)| p + t)).collect();
        root.upload(values, [1, grid * grid, channels])
    };
    Ok(times.chunks_exact(channels).map(slot).collect())
}

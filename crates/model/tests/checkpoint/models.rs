//! A model small enough to be written by every test, and files that hold it.

use crate::containers::{ZipEntry, safetensors, zip};
use crate::pickles::{View, state_dict};
use maskd_model::config::{Family, MaskDecoderConfig, MemoryAttentionConfig, ModelConfig, TensorSpec, TrunkConfig};
use std::fmt::Write as _;

/// The smallest member that is valid; most of its 270 thousand numbers are in layers of fixed width.
pub fn config() -> ModelConfig {
    ModelConfig {
        family: Family::Sam21,
        name: "atom".to_owned(),
        image_size: 64,
        trunk: TrunkConfig {
            embed_dim: 8,
            num_heads: 1,
            stages: [1; 4],
            global_att_blocks: vec![3],
            window_spec: [2; 4],
            window_pos_embed_bkg_spatial_size: [3, 3],
            q_pool: 3,
        },
        d_model: 16,
        mem_dim: 16,
        memory_attention: MemoryAttentionConfig { num_layers: 1, dim_feedforward: 8, num_heads: 1 },
        mask_decoder: MaskDecoderConfig { mlp_dim: 8, num_heads: 1, depth: 1 },
        num_maskmem: 2,
        max_obj_ptrs: 2,
    }
}

pub fn config_json() -> String {
    serde_json::to_string(&config()).unwrap()
}

/// Numbers that differ from tensor to tensor and within each.
pub fn values(index: usize, elements: usize) -> Vec<f32> {
    (0..elements).map(|place| index as f32 + (place % 1000) as f32 / 1024.0).collect()
}

pub fn le_bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// The parts of a `.pt` file, to be bent by tests.
#[derive(Clone)]
pub struct Pt {
    pub config: Option<String>,
    pub tensors: Vec<(String, View)>,
    /// Entries below `atom/data/`.
    pub storages: Vec<(String, Vec<u8>)>,
    pub byteorder: &'static str,
}

impl Pt {
    pub fn new() -> Self {
        let table = config().tensor_table();
        let tensors = table.iter().enumerate().map(|(key, spec)| (spec.name.clone(), View::whole(key, &spec.shape)));
        let storage =
            |(key, spec): (usize, &TensorSpec)| (key.to_string(), le_bytes(&values(key, spec.elements() as usize)));
        Self {
            config: Some(config_json()),
            tensors: tensors.collect(),
            storages: table.iter().enumerate().map(storage).collect(),
            byteorder: "little",
        }
    }

    /// The view of a tensor.
    pub fn view(&mut self, name: &str) -> &mut View {
        &mut self.tensors.iter_mut().find(|(found, _)| found == name).unwrap().1
    }

    pub fn entries(&self) -> Vec<ZipEntry> {
        let pickle = state_dict(&self.tensors, self.config.as_deref());
        let mut entries = vec![ZipEntry::new("atom/data.pkl", pickle), ZipEntry::new("atom/byteorder", self.byteorder)];
        entries.extend(self.storages.iter().map(|(key, data)| ZipEntry::new(format!("atom/data/{key}"), data.clone())));
        entries.push(ZipEntry::new("atom/version", "3\n"));
        entries
    }

    pub fn bytes(&self) -> Vec<u8> {
        zip(&self.entries())
    }
}

/// A container with nothing but this pickle.
pub fn pt_of_pickle(pickle: Vec<u8>) -> Vec<u8> {
    zip(&[ZipEntry::new("x/data.pkl", pickle), ZipEntry::new("x/version", "3\n")])
}

/// The small model as `.safetensors`, in the number format that `encode` writes.
pub fn safetensors_model(dtype: &str, encode: impl Fn(&[f32]) -> Vec<u8>) -> Vec<u8> {
    let mut header = format!("{{\"__metadata__\":{{\"config\":{}}}", serde_json::to_string(&config_json()).unwrap());
    let mut data = Vec::new();
    for (index, spec) in config().tensor_table().iter().enumerate() {
        let start = data.len();
        data.extend(encode(&values(index, spec.elements() as usize)));
        write!(
            header,
            ",\"{}\":{{\"dtype\":\"{dtype}\",\"shape\":{:?},\"data_offsets\":[{start},{}]}}",
            spec.name,
            spec.shape,
            data.len()
        )
        .unwrap();
    }
    header.push('}');
    safetensors(&header, &data)
}

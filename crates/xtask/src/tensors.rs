//! Reading `.safetensors` files.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use anyhow::{Context, anyhow, ensure};
use safetensors::{Dtype, SafeTensors};

/// Everything in one file.
#[derive(Debug)]
pub struct TensorFile {
    /// Tensors of numbers by name.
    pub floats: BTreeMap<String, Floats>,
    /// Tensors of bytes by name.
    pub bytes: BTreeMap<String, Vec<u8>>,
    /// The file's metadata.
    pub metadata: HashMap<String, String>,
}

/// A tensor of `f32`.
#[derive(Clone, Debug, PartialEq)]
pub struct Floats {
    /// Lengths of its dimensions.
    pub shape: Vec<usize>,
    /// Its values, last dimension fastest.
    pub values: Vec<f32>,
}

impl TensorFile {
    /// Reads a file of `f32` and `u8` tensors.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let data = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&data).with_context(|| format!("{} cannot be understood", path.display()))
    }

    fn parse(data: &[u8]) -> anyhow::Result<Self> {
        let (_, header) = SafeTensors::read_metadata(data)?;
        let metadata = header.metadata().clone().unwrap_or_default();
        let mut file = Self { floats: BTreeMap::new(), bytes: BTreeMap::new(), metadata };
        for (name, view) in SafeTensors::deserialize(data)?.iter() {
            match view.dtype() {
                Dtype::U8 => drop(file.bytes.insert(name.to_owned(), view.data().to_vec())),
                dtype => {
                    ensure!(dtype == Dtype::F32, "{name} is {dtype:?}, not f32");
                    let values = view.data().as_chunks::<4>().0.iter().map(|&four| f32::from_le_bytes(four)).collect();
                    file.floats.insert(name.to_owned(), Floats { shape: view.shape().to_vec(), values });
                }
            }
        }
        Ok(file)
    }

    /// A tensor of numbers that must be there.
    pub fn floats(&self, name: &str) -> anyhow::Result<&Floats> {
        self.floats.get(name).ok_or_else(|| anyhow!("there is no tensor {name}"))
    }

    /// A JSON value of the metadata that must be there.
    pub fn json<T: serde::de::DeserializeOwned>(&self, key: &str) -> anyhow::Result<T> {
        let text = self.metadata.get(key).ok_or_else(|| anyhow!("the metadata has no {key}"))?;
        Ok(serde_json::from_str(text)?)
    }
}

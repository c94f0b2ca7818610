//! `--logits`: the same tensors as `maskd track --logits` writes.

use std::collections::BTreeMap;
use std::path::Path;

use maskd_tracker::StepLogits;
use safetensors::Dtype;
use safetensors::tensor::TensorView;

/// Logits in memory until the end: a check has few frames.
#[derive(Default)]
pub struct Logits {
    tensors: BTreeMap<String, (Vec<usize>, Vec<u8>)>,
}

impl Logits {
    /// Keeps a frame's `low_res` `[objects, 1, h, w]`, `iou` and `object_score` `[objects]`.
    pub fn add(&mut self, frame: u64, logits: &StepLogits) {
        let objects = logits.iou.len();
        let [height, width] = logits.size;
        let mut keep = |name: &str, shape: Vec<usize>, values: &[f32]| {
            let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            self.tensors.insert(format!("f{frame}/{name}"), (shape, bytes));
        };
        keep("low_res", vec![objects, 1, height, width], &logits.low_res);
        keep("iou", vec![objects], &logits.iou);
        keep("object_score", vec![objects], &logits.object_score);
    }

    /// Writes the file.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        let views = self
            .tensors
            .iter()
            .map(|(name, (shape, bytes))| Ok((name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes)?)));
        let views = views.collect::<Result<Vec<_>, safetensors::SafeTensorError>>()?;
        std::fs::write(path, safetensors::serialize(views, None)?)?;
        Ok(())
    }
}

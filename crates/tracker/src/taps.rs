use std::path::PathBuf;

use maskd_model::taps;
use safetensors::tensor::{Dtype, TensorView};

use crate::TrackerError;

/// Frames whose intermediate tensors are recorded: the prompted one and the first that looks at a memory, and one more.
const FRAMES: u64 = 3;

/// Writes the intermediate tensors of the first frames to a file, once all are there.
pub(crate) struct Taps {
    path: PathBuf,
    recorded: u64,
}

impl Taps {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, recorded: 0 }
    }

    /// Whether this frame is recorded; recording has begun if so.
    pub(crate) fn begin(&mut self, frame: u64) -> bool {
        if self.recorded >= FRAMES {
            return false;
        }
        taps::start(&format!("f{frame}/"));
        true
    }

    /// Writes what there is so far; the file is complete in itself after every frame.
    pub(crate) fn end(&mut self) -> Result<(), TrackerError> {
        self.recorded += 1;
        let tensors = if self.recorded < FRAMES { taps::recorded() } else { taps::finish() };
        let bytes: Vec<Vec<u8>> =
            tensors.values().map(|t| t.data.iter().flat_map(|v| v.to_le_bytes()).collect()).collect();
        let failed = |source| TrackerError::Taps { path: self.path.clone(), source };
        let views = tensors.iter().zip(&bytes).map(|((name, tensor), bytes)| {
            Ok((name.as_str(), TensorView::new(Dtype::F32, tensor.shape.clone(), bytes)?))
        });
        let views: Vec<_> = views.collect::<Result<_, _>>().map_err(failed)?;
        safetensors::serialize_to_file(views, None, &self.path).map_err(failed)
    }
}

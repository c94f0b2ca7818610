use maskd_model::{Kernels, Sam2, read};
use maskd_types::{Frame, ObjectId, Prompt};

use crate::outcome::{mask_at_source, sigmoid};
use crate::prompts::{ModelPrompt, to_model};
use crate::{Candidate, Segmenter, TrackerError};

/// [`Segmenter`] on backend `B`.
pub(crate) struct ImageSegmenter<B: Kernels> {
    model: Sam2<B>,
    device_name: String,
}

impl<B: Kernels> ImageSegmenter<B> {
    pub(crate) fn new(model: Sam2<B>, device_name: String) -> Self {
        Self { model, device_name }
    }
}

impl<B: Kernels> Segmenter for ImageSegmenter<B> {
    fn device(&self) -> String {
        self.device_name.clone()
    }

    fn segment(&mut self, frame: &Frame, prompt: &Prompt, multimask: bool) -> Result<Vec<Candidate>, TrackerError> {
        let size = [frame.width, frame.height];
        let points = match to_model(ObjectId::FIRST, prompt, size, self.model.config().image_size)? {
            ModelPrompt::Points(points) => points,
            ModelPrompt::Mask(_) => return Ok(as_given(prompt)),
        };
        let image = self.model.encode_image(&frame.rgb, frame.width, frame.height)?;
        let candidates = self.model.candidates(&image, &points, multimask);
        let [_, side, _] = candidates.low_res.dims();
        let low_res = read(candidates.low_res)?;
        let ious = read(candidates.ious)?;
        let score = sigmoid(read(candidates.object_score)?.first().copied().unwrap_or(f32::NEG_INFINITY));
        let masks = low_res.chunks_exact(side * side).map(|logits| mask_at_source(logits, side, size));
        Ok(masks.zip(ious).map(|(mask, iou)| Candidate { mask, iou, score }).collect())
    }
}

fn as_given(prompt: &Prompt) -> Vec<Candidate> {
    match prompt {
        Prompt::Mask(mask) => vec![Candidate { mask: mask.clone(), iou: 1.0, score: 1.0 }],
        Prompt::Shapes { .. } => Vec::new(),
    }
}

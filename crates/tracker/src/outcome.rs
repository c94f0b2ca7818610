//! From the network's logits to what sinks are told.

use maskd_model::image::columns::ColumnUpsampler;
use maskd_model::{Kernels, ModelError, Prediction, read_all};
use maskd_types::{ObjectId, ObjectState, Rle, RleBuilder, TrackedObject};

use crate::StepLogits;
use crate::holes::fill_holes;

/// The predictions of a frame in host memory.
#[derive(Default)]
pub(crate) struct HostPredictions {
    /// Side of a low-resolution mask
    side: usize,
    /// `[objects, side, side]`
    low_res: Vec<f32>,
    /// `[objects]`
    iou: Vec<f32>,
    /// `[objects]`
    object_score: Vec<f32>,
}

pub(crate) fn read_back<B: Kernels>(prediction: Prediction<B>) -> Result<HostPredictions, ModelError> {
    let [objects, side, _] = prediction.low_res.dims();
    let low_res = prediction.low_res.reshape([objects * side * side]);
    let [low_res, iou, object_score] =
        read_all([low_res, prediction.iou.reshape([objects]), prediction.object_score.reshape([objects])])?;
    Ok(HostPredictions { side, low_res: finite(low_res)?, iou: finite(iou)?, object_score: finite(object_score)? })
}

/// A network of finite weights says finite things; anything else is not its answer.
fn finite(values: Vec<f32>) -> Result<Vec<f32>, ModelError> {
    if values.iter().all(|value| value.is_finite()) {
        return Ok(values);
    }
    Err(ModelError::Device { message: "it gave back what is no number".to_owned() })
}

impl HostPredictions {
    fn mask_logits(&self, index: usize) -> &[f32] {
        let cells = self.side * self.side;
        &self.low_res[index * cells..(index + 1) * cells]
    }

    /// The logits of some rows.
    pub(crate) fn logits_of(&self, rows: impl Iterator<Item = usize> + Clone) -> StepLogits {
        StepLogits {
            size: [self.side; 2],
            low_res: rows.clone().flat_map(|row| self.mask_logits(row)).copied().collect(),
            iou: rows.clone().map(|row| self.iou[row]).collect(),
            object_score: rows.map(|row| self.object_score[row]).collect(),
        }
    }
}

/// An object at the size of the frame.
pub(crate) struct Outline {
    mask: Rle,
    area: u64,
    bbox: Option<[u32; 4]>,
    centroid: Option<[f32; 2]>,
}

/// The outline of row `index` of the predictions.
pub(crate) fn outline(
    predictions: &HostPredictions,
    index: usize,
    frame_size: [u32; 2],
    fill_holes_area: u32,
) -> Outline {
    let mask = mask_at_source(predictions.mask_logits(index), predictions.side, frame_size, fill_holes_area);
    Outline { area: mask.area(), bbox: mask.bbox(), centroid: mask.centroid(), mask }
}

/// Everything about one object, from row `index` of the predictions and its outline.
pub(crate) fn describe(
    id: ObjectId,
    predictions: &HostPredictions,
    index: usize,
    outline: Outline,
    state: impl FnOnce(bool) -> ObjectState,
) -> TrackedObject {
    let Outline { mask, area, bbox, centroid } = outline;
    TrackedObject {
        id,
        name: None,
        state: state(area > 0),
        score: sigmoid(predictions.object_score[index]),
        iou: predictions.iou[index],
        bbox,
        area,
        centroid,
        mask,
    }
}

/// Whether the object of row `index` has any pixel of a frame.
pub(crate) fn in_sight(
    predictions: &HostPredictions,
    index: usize,
    frame_size: [u32; 2],
    fill_holes_area: u32,
) -> bool {
    mask_at_source(predictions.mask_logits(index), predictions.side, frame_size, fill_holes_area).area() > 0
}

/// Upsamples logits `[side, side]` to the frame's size (width and height) and takes what is above 0 (`_get_orig_video_res_output`).
pub(crate) fn mask_at_source(logits: &[f32], side: usize, frame_size: [u32; 2], fill_holes_area: u32) -> Rle {
    let filled = (fill_holes_area > 0).then(|| fill_holes(logits, side, fill_holes_area));
    let logits = filled.as_deref().unwrap_or(logits);
    let [width, height] = frame_size;
    let mut builder = RleBuilder::new(width, height);
    ColumnUpsampler::new([side; 2], [width as usize, height as usize])
        .for_each_run(logits, |inside, length| builder.push(inside, length));
    // The upsampler covers every pixel once, so the runs always fill the mask.
    builder.finish().unwrap_or_else(|_| Rle::empty(width, height))
}

pub(crate) fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

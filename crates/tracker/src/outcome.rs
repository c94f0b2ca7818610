//! From the network's logits to what sinks are told.

use maskd_model::image::columns::ColumnUpsampler;
use maskd_types::{ObjectId, ObjectState, Rle, RleBuilder, TrackedObject};

use crate::predictions::HostPredictions;

/// An object at the size of the frame.
pub(crate) struct Outline {
    mask: Rle,
    area: u64,
    bbox: Option<[u32; 4]>,
    centroid: Option<[f32; 2]>,
}

/// The outline of a row of the predictions.
pub(crate) fn outline(predictions: &HostPredictions, row: usize, frame_size: [u32; 2]) -> Outline {
    let mask = mask_at_source(predictions.mask(row), predictions.side, frame_size);
    Outline { area: mask.area(), bbox: mask.bbox(), centroid: mask.centroid(), mask }
}

/// Everything about one object, from its row of the predictions and its outline.
pub(crate) fn describe(
    id: ObjectId,
    predictions: &HostPredictions,
    row: usize,
    outline: Outline,
    state: impl FnOnce(bool) -> ObjectState,
) -> TrackedObject {
    let Outline { mask, area, bbox, centroid } = outline;
    TrackedObject {
        id,
        name: None,
        state: state(area > 0),
        score: sigmoid(predictions.object_score(row)),
        iou: predictions.iou(row),
        bbox,
        area,
        centroid,
        mask,
    }
}

/// Whether an object has any pixel of a frame.
pub(crate) fn in_sight(predictions: &HostPredictions, row: usize, frame_size: [u32; 2]) -> bool {
    mask_at_source(predictions.mask(row), predictions.side, frame_size).area() > 0
}

/// Upsamples logits `[side, side]` to the frame's size (width and height) and takes what is above 0 (`_get_orig_video_res_output`).
pub(crate) fn mask_at_source(logits: &[f32], side: usize, frame_size: [u32; 2]) -> Rle {
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

//! The network's answers in host memory.

use maskd_model::{Kernels, ModelError, Prediction, read_all};
use rayon::prelude::*;

use crate::StepLogits;
use crate::apart::{Claim, keep_apart};
use crate::holes::fill_holes;

/// The predictions of a step, a row for each object.
#[derive(Default)]
pub(crate) struct HostPredictions {
    /// Side of a low-resolution mask
    pub(crate) side: usize,
    /// `[objects, side, side]`
    low_res: Vec<f32>,
    /// `[objects]`
    iou: Vec<f32>,
    /// `[objects]`
    object_score: Vec<f32>,
    /// What is put out in place of `low_res`, where that is not the same.
    shown: Option<Vec<f32>>,
}

pub(crate) fn read_back<B: Kernels>(prediction: Prediction<B>) -> Result<HostPredictions, ModelError> {
    let [objects, side, _] = prediction.low_res.dims();
    let low_res = prediction.low_res.reshape([objects * side * side]);
    let [low_res, iou, object_score] =
        read_all([low_res, prediction.iou.reshape([objects]), prediction.object_score.reshape([objects])])?;
    let [low_res, iou, object_score] = [finite(low_res)?, finite(iou)?, finite(object_score)?];
    Ok(HostPredictions { side, low_res, iou, object_score, shown: None })
}

/// A network of finite weights says finite things; anything else is not its answer.
fn finite(values: Vec<f32>) -> Result<Vec<f32>, ModelError> {
    if values.iter().all(|value| value.is_finite()) {
        return Ok(values);
    }
    Err(ModelError::Device { message: "it gave back what is no number".to_owned() })
}

impl HostPredictions {
    fn cells(&self) -> usize {
        self.side * self.side
    }

    /// Mask logits `[side, side]` of an object as they are put out.
    pub(crate) fn mask(&self, row: usize) -> &[f32] {
        of_row(self.shown.as_ref().unwrap_or(&self.low_res), self.cells(), row)
    }

    /// Predicted IoU, 0 to 1.
    pub(crate) fn iou(&self, row: usize) -> f32 {
        self.iou[row]
    }

    /// Logit of "the object is in the frame".
    pub(crate) fn object_score(&self, row: usize) -> f32 {
        self.object_score[row]
    }

    /// Logits `[objects, side, side]` of which no two on one frame claim a pixel: what is remembered where masks must not overlap.
    pub(crate) fn apart(&self, frames: &[Vec<Claim>]) -> Vec<f32> {
        let mut logits = self.low_res.clone();
        frames.iter().for_each(|claims| keep_apart(&mut logits, self.cells(), claims));
        logits
    }

    /// Settles what is put out: holes of at most `hole_area` cells are filled, then the masks of each frame kept apart.
    pub(crate) fn settle(&mut self, hole_area: u32, frames: &[Vec<Claim>]) {
        let cells = self.cells();
        if hole_area > 0 && cells > 0 {
            let filled = self.low_res.par_chunks(cells).map(|logits| fill_holes(logits, self.side, hole_area));
            self.shown = Some(filled.collect::<Vec<_>>().concat());
        }
        if !frames.is_empty() {
            let shown = self.shown.get_or_insert_with(|| self.low_res.clone());
            frames.iter().for_each(|claims| keep_apart(shown, cells, claims));
        }
    }

    /// What the network said in some rows.
    pub(crate) fn logits_of(&self, rows: impl Iterator<Item = usize> + Clone) -> StepLogits {
        StepLogits {
            size: [self.side; 2],
            low_res: rows.clone().flat_map(|row| of_row(&self.low_res, self.cells(), row)).copied().collect(),
            iou: rows.clone().map(|row| self.iou[row]).collect(),
            object_score: rows.map(|row| self.object_score[row]).collect(),
        }
    }
}

fn of_row(logits: &[f32], cells: usize, row: usize) -> &[f32] {
    &logits[row * cells..(row + 1) * cells]
}

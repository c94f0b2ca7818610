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

    /// Keeps the masks of each of these frames apart. Gives the logits `[objects, side, side]` of all, which are what is to be
    /// remembered, and put out but for holes that are [filled](Self::fill).
    pub(crate) fn keep_apart(&mut self, frames: &[Vec<Claim>]) -> &[f32] {
        let apart = all_apart(self.low_res.clone(), self.cells(), frames);
        self.shown.insert(apart)
    }

    /// Fills holes of at most `hole_area` cells in what is put out, though not with what another object has on these frames.
    pub(crate) fn fill(&mut self, hole_area: u32, frames: &[Vec<Claim>]) {
        if hole_area > 0 {
            let masks = self.low_res.par_chunks(self.cells());
            let filled: Vec<_> = masks.map(|logits| fill_holes(logits, self.side, hole_area)).collect();
            self.shown = Some(all_apart(filled.concat(), self.cells(), frames));
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

fn all_apart(mut logits: Vec<f32>, cells: usize, frames: &[Vec<Claim>]) -> Vec<f32> {
    frames.iter().for_each(|claims| keep_apart(&mut logits, cells, claims));
    logits
}

fn of_row(logits: &[f32], cells: usize, row: usize) -> &[f32] {
    &logits[row * cells..(row + 1) * cells]
}

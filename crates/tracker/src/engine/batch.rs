//! One pass through the heads and the memory encoder for the objects of all frames of a step.

use std::collections::{BTreeMap, BTreeSet};

use burn_tensor::{Tensor, TensorData};
use maskd_model::{ImageFeatures, Kernels, ModelError, Prediction, Sam2};
use maskd_types::ObjectId;

use crate::apart::Claim;
use crate::memories::{TensorBank, View, attend};
use crate::predictions::{HostPredictions, read_back};
use crate::prompts::ModelPrompt;

/// A frame of the step and an object on it.
pub(super) type Key = (usize, ObjectId);

/// An object that something is to be said about.
pub(super) struct Entry<'a, B: Kernels> {
    pub(super) key: Key,
    pub(super) image: &'a ImageFeatures<B>,
    /// What a person said about it on this frame.
    pub(super) prompt: Option<&'a ModelPrompt>,
    /// What it remembers, and the time at which it is asked; `None` where it is seen for the first time.
    pub(super) bank: Option<(&'a TensorBank<B>, u64)>,
    /// Whether the frame may be remembered.
    pub(super) learns: bool,
}

/// What a frame left behind for an object.
pub(super) struct Memory<B: Kernels> {
    pub(super) key: Key,
    /// `[1, cells, mem_dim]`
    pub(super) map: Tensor<B, 3>,
    /// `[1, d_model]`
    pub(super) pointer: Tensor<B, 2>,
}

/// What holds for all objects.
#[derive(Clone, Copy)]
pub(super) struct Rules {
    /// Age of the oldest pointer that can be in a bank.
    pub(super) pointer_span: f32,
    /// Holes of at most this many cells are filled in what is put out.
    pub(super) hole_area: u32,
    /// Whether a pixel belongs to one object at most.
    pub(super) no_overlap: bool,
}

/// What came out of a step.
pub(super) struct Heads<B: Kernels> {
    /// Whose the rows of the predictions are.
    pub(super) keys: Vec<Key>,
    pub(super) predictions: HostPredictions,
    pub(super) memories: Vec<Memory<B>>,
}

/// Predicts, and makes what is remembered. The predictions are read back in between: a GPU makes the memories while masks are brought to the size
/// of the frames.
///
/// # Errors
/// As [`read_back`], and where the device fails at what it is asked for after that.
pub(super) fn run<B: Kernels>(model: &Sam2<B>, entries: &[Entry<'_, B>], rules: Rules) -> Result<Heads<B>, ModelError> {
    let mut predicted = track(model, entries, rules.pointer_span);
    predicted.extend(begin(model, entries));
    if predicted.is_empty() {
        return Ok(Heads { keys: Vec::new(), predictions: HostPredictions::default(), memories: Vec::new() });
    }
    let mut predictions = read_back(Prediction::join(predicted.values().cloned().collect()))?;
    let rivals = if rules.no_overlap { rivals(entries, predicted.keys()) } else { Vec::new() };
    if !rivals.is_empty() {
        let apart = predictions.keep_apart(&rivals).to_vec();
        replace_masks(model, &mut predicted, apart, predictions.side);
    }
    let mut memories = Vec::new();
    for prompted in [false, true] {
        let learning = |entry: &&Entry<'_, B>| entry.learns && entry.prompt.is_some() == prompted;
        let batch: Vec<_> = entries.iter().filter(learning).collect();
        memories.extend(remember(model, &batch, &predicted, prompted));
    }
    B::begin(model.device())?;
    predictions.fill(rules.hole_area, &rivals);
    Ok(Heads { keys: predicted.into_keys().collect(), predictions, memories })
}

/// Objects that have a track, on a frame they were not yet seen on.
fn track<B: Kernels>(model: &Sam2<B>, entries: &[Entry<'_, B>], pointer_span: f32) -> BTreeMap<Key, Prediction<B>> {
    let known: Vec<_> = entries.iter().filter_map(|entry| Some((entry, entry.bank?))).collect();
    if known.is_empty() {
        return BTreeMap::new();
    }
    let views: Vec<_> = known.iter().map(|(entry, (bank, now))| View { image: entry.image, bank, now: *now }).collect();
    let maps = attend(model, &views, pointer_span);
    let images: Vec<_> = known.iter().map(|(entry, _)| entry.image).collect();
    let tracked = model.track(&ImageFeatures::of_objects(&images), maps.clone());
    let predict = |(index, (entry, _)): (usize, &(&Entry<'_, B>, _))| {
        let prediction = tracked.object(index);
        let prediction = match entry.prompt {
            Some(prompt) => correct(model, entry.image, maps.clone().narrow(0, index, 1), prompt, prediction),
            None => prediction,
        };
        (entry.key, prediction)
    };
    known.iter().enumerate().map(predict).collect()
}

/// Applies a prompt to an object that was just tracked on this frame, with the same conditioned `map`.
fn correct<B: Kernels>(
    model: &Sam2<B>,
    image: &ImageFeatures<B>,
    map: Tensor<B, 3>,
    prompt: &ModelPrompt,
    tracked: Prediction<B>,
) -> Prediction<B> {
    match prompt {
        ModelPrompt::Points(points) => model.prompt(image, map, points, Some(tracked.low_res)),
        ModelPrompt::Mask(mask) => model.mask_as_output(image, mask),
    }
}

/// Objects that are seen for the first time.
fn begin<'a, B: Kernels>(
    model: &'a Sam2<B>,
    entries: &'a [Entry<'_, B>],
) -> impl Iterator<Item = (Key, Prediction<B>)> + 'a {
    let new = entries.iter().filter(|entry| entry.bank.is_none());
    new.filter_map(|entry| {
        let prediction = match entry.prompt? {
            ModelPrompt::Points(points) => model.prompt(entry.image, model.without_memory(entry.image), points, None),
            ModelPrompt::Mask(mask) => model.mask_as_output(entry.image, mask),
        };
        Some((entry.key, prediction))
    })
}

/// The rows of the predictions that compete for the pixels of a frame, frame by frame.
fn rivals<'a, B: Kernels>(entries: &[Entry<'_, B>], keys: impl Iterator<Item = &'a Key>) -> Vec<Vec<Claim>> {
    let prompted: BTreeSet<Key> = entries.iter().filter(|e| e.prompt.is_some()).map(|e| e.key).collect();
    let mut frames = BTreeMap::<usize, Vec<Claim>>::new();
    for (row, key) in keys.enumerate() {
        frames.entry(key.0).or_default().push(Claim { row, prompted: prompted.contains(key) });
    }
    frames.into_values().filter(|claims| claims.len() > 1).collect()
}

/// Puts other logits `[objects, side, side]` in place of the predicted ones, for the memories to be made of.
fn replace_masks<B: Kernels>(
    model: &Sam2<B>,
    predicted: &mut BTreeMap<Key, Prediction<B>>,
    logits: Vec<f32>,
    side: usize,
) {
    let all = Tensor::<B, 3>::from_data(TensorData::new(logits, [predicted.len(), side, side]), model.device());
    for (row, prediction) in predicted.values_mut().enumerate() {
        prediction.low_res = all.clone().narrow(0, row, 1);
    }
}

/// Makes what the frames leave behind for a batch of objects.
fn remember<B: Kernels>(
    model: &Sam2<B>,
    batch: &[&Entry<'_, B>],
    predictions: &BTreeMap<Key, Prediction<B>>,
    prompted: bool,
) -> Vec<Memory<B>> {
    let known: Vec<_> = batch.iter().filter_map(|entry| Some((entry, predictions.get(&entry.key)?))).collect();
    if known.is_empty() {
        return Vec::new();
    }
    let images: Vec<_> = known.iter().map(|(entry, _)| entry.image).collect();
    let joined = Prediction::join(known.iter().map(|(_, prediction)| (*prediction).clone()).collect());
    let image = ImageFeatures::of_objects(&images);
    let maps = model.encode_memory(&image, joined.low_res, joined.object_score, prompted);
    let memory = |(index, (entry, prediction)): (usize, &(&&Entry<'_, B>, &Prediction<B>))| Memory {
        key: entry.key,
        map: maps.clone().narrow(0, index, 1),
        pointer: prediction.pointer.clone(),
    };
    known.iter().enumerate().map(memory).collect()
}

use std::collections::BTreeMap;
use std::time::Instant;

use burn_tensor::Tensor;
use maskd_model::{ImageFeatures, Kernels, Prediction, Sam2};
use maskd_types::{Action, Frame, Latency, ObjectId};

use crate::memories::{TensorBank, attend};
use crate::outcome::{HostPredictions, describe, read_back};
use crate::prompts::{ModelPrompt, to_model};
use crate::taps::Taps;
use crate::visibility::Visibility;
use crate::{Step, Tracker, TrackerError, TrackerOptions};

/// One tracked object.
struct Track<B: Kernels> {
    bank: TensorBank<B>,
    visibility: Visibility,
}

/// What is known of an object on the current frame.
struct Outcome<B: Kernels> {
    prediction: Prediction<B>,
    /// Whether a person spoke about it on this frame.
    prompted: bool,
}

type Outcomes<B> = BTreeMap<ObjectId, Outcome<B>>;
type Prompts = BTreeMap<ObjectId, ModelPrompt>;

/// [`Tracker`] on backend `B`.
pub(crate) struct Engine<B: Kernels> {
    model: Sam2<B>,
    device_name: String,
    options: TrackerOptions,
    tracks: BTreeMap<ObjectId, Track<B>>,
    /// Frames stepped over so far. The network counts these, not the source's frames: what a live source dropped was not seen.
    clock: u64,
    /// Most pointers in a bank.
    max_pointers: usize,
    taps: Option<Taps>,
}

impl<B: Kernels> Engine<B> {
    pub(crate) fn new(model: Sam2<B>, device_name: String, options: TrackerOptions) -> Self {
        let limit = options.known_frames.and_then(|frames| usize::try_from(frames).ok()).unwrap_or(usize::MAX);
        let max_pointers = model.config().max_obj_ptrs.min(limit);
        let taps = options.taps.clone().map(Taps::new);
        Self { model, device_name, options, tracks: BTreeMap::new(), clock: 0, max_pointers, taps }
    }

    fn check(&self, frame: &Frame, actions: &[(ObjectId, Action)]) -> Result<(Vec<ObjectId>, Prompts), TrackerError> {
        let mut removals = Vec::new();
        let mut prompts = Prompts::new();
        for (object, action) in actions {
            match action {
                Action::Remove if self.tracks.contains_key(object) => removals.push(*object),
                Action::Remove => {
                    return Err(TrackerError::UnknownObject { object: *object, known: self.objects() });
                }
                Action::Prompt(prompt) => {
                    let prompt = to_model(*object, prompt, frame, self.model.config().image_size)?;
                    if prompts.insert(*object, prompt).is_some() {
                        return Err(TrackerError::SecondPrompt { object: *object });
                    }
                }
            }
        }
        Ok((removals, prompts))
    }

    /// Objects that have a track, on a frame they were not yet seen on.
    fn track(&self, image: &ImageFeatures<B>, prompts: &Prompts) -> Outcomes<B> {
        if self.tracks.is_empty() {
            return Outcomes::new();
        }
        let banks: Vec<_> = self.tracks.values().map(|track| &track.bank).collect();
        let maps = attend(&self.model, image, &banks, self.clock, self.pointer_span());
        let predictions = self.model.track(image, maps.clone());
        let mut outcomes = Outcomes::new();
        for (index, object) in self.tracks.keys().enumerate() {
            let prediction = predictions.object(index);
            let outcome = match prompts.get(object) {
                Some(prompt) => self.correct(image, maps.clone().narrow(0, index, 1), prompt, prediction),
                None => Outcome { prediction, prompted: false },
            };
            outcomes.insert(*object, outcome);
        }
        outcomes
    }

    /// Applies a prompt to an object that was just tracked on this frame, with the same conditioned `map`.
    fn correct(
        &self,
        image: &ImageFeatures<B>,
        map: Tensor<B, 3>,
        prompt: &ModelPrompt,
        tracked: Prediction<B>,
    ) -> Outcome<B> {
        let prediction = match prompt {
            ModelPrompt::Points(points) => self.model.prompt(image, map, points, Some(tracked.low_res)),
            ModelPrompt::Mask(mask) => self.model.mask_as_output(image, mask),
        };
        Outcome { prediction, prompted: true }
    }

    /// Objects that are seen for the first time.
    fn begin(&self, image: &ImageFeatures<B>, prompts: &Prompts) -> Outcomes<B> {
        let new = prompts.iter().filter(|(object, _)| !self.tracks.contains_key(object));
        new.map(|(object, prompt)| {
            let prediction = match prompt {
                ModelPrompt::Points(points) => self.model.prompt(image, self.model.without_memory(image), points, None),
                ModelPrompt::Mask(mask) => self.model.mask_as_output(image, mask),
            };
            (*object, Outcome { prediction, prompted: true })
        })
        .collect()
    }

    /// Writes what this frame leaves behind into the banks, all tracked objects in one batch and all prompted ones in another.
    fn remember(&mut self, image: &ImageFeatures<B>, outcomes: &Outcomes<B>) {
        for prompted in [false, true] {
            let batch: Vec<_> = outcomes.iter().filter(|(_, outcome)| outcome.prompted == prompted).collect();
            if batch.is_empty() {
                continue;
            }
            let joined = Prediction::join(batch.iter().map(|(_, outcome)| outcome.prediction.clone()).collect());
            let maps = self.model.encode_memory(image, joined.low_res, joined.object_score, prompted);
            for (index, (object, outcome)) in batch.into_iter().enumerate() {
                self.store(*object, maps.clone().narrow(0, index, 1), outcome.prediction.pointer.clone());
            }
        }
    }

    fn store(&mut self, object: ObjectId, map: Tensor<B, 3>, pointer: Tensor<B, 2>) {
        if let Some(track) = self.tracks.get_mut(&object) {
            track.bank.push(self.clock, map, pointer);
            return;
        }
        let bank = TensorBank::new(self.model.config().num_maskmem, self.max_pointers, self.clock, map, pointer);
        let visibility = Visibility::new(self.options.lost_after_frames);
        self.tracks.insert(object, Track { bank, visibility });
    }

    fn pointer_span(&self) -> f32 {
        self.max_pointers.saturating_sub(1) as f32
    }

    fn conclude(&mut self, frame: &Frame, predictions: &HostPredictions) -> Vec<maskd_types::TrackedObject> {
        let fill = self.options.fill_holes_area;
        self.tracks
            .iter_mut()
            .enumerate()
            .map(|(index, (object, track))| {
                describe(*object, predictions, index, frame, fill, |in_sight| track.visibility.next(in_sight))
            })
            .collect()
    }
}

impl<B: Kernels> Tracker for Engine<B> {
    fn device(&self) -> String {
        self.device_name.clone()
    }

    fn step(&mut self, frame: &Frame, actions: &[(ObjectId, Action)]) -> Result<Step, TrackerError> {
        let started = Instant::now();
        let (removals, prompts) = self.check(frame, actions)?;
        self.tracks.retain(|object, _| !removals.contains(object));
        if self.tracks.is_empty() && prompts.is_empty() {
            self.clock += 1;
            return Ok(Step { objects: Vec::new(), latency: Latency::default(), logits: None });
        }
        let recording = self.taps.as_mut().is_some_and(|taps| taps.begin(self.clock));
        let image = self.model.encode_image(&frame.rgb, frame.width, frame.height)?;
        let encoded = Instant::now();
        let mut outcomes = self.track(&image, &prompts);
        outcomes.extend(self.begin(&image, &prompts));
        self.remember(&image, &outcomes);
        let all = outcomes.into_values().map(|outcome| outcome.prediction).collect();
        let predictions = read_back(Prediction::join(all))?;
        let tracked = Instant::now();
        if recording && let Some(taps) = &mut self.taps {
            taps.end()?;
        }
        let objects = self.conclude(frame, &predictions);
        self.clock += 1;
        let latency = Latency {
            encode: millis(started, encoded),
            track: millis(encoded, tracked),
            total: millis(started, Instant::now()),
        };
        Ok(Step { objects, latency, logits: self.options.keep_logits.then(|| predictions.into_logits()) })
    }

    fn objects(&self) -> Vec<ObjectId> {
        self.tracks.keys().copied().collect()
    }

    fn reset(&mut self) {
        self.tracks.clear();
    }
}

fn millis(from: Instant, to: Instant) -> f64 {
    to.duration_since(from).as_secs_f64() * 1e3
}

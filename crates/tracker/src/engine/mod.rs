//! [`StreamTracker`] on a backend: the frames of several streams in one go.

mod batch;
mod saved;
mod stream;

use std::collections::BTreeMap;
use std::time::Instant;

use maskd_model::{ImageFeatures, Kernels, Prediction, Sam2};
use maskd_types::{Latency, ObjectId, ObjectState};

use crate::outcome::{HostPredictions, describe, read_back};
use crate::taps::Taps;
use crate::{SavedTrack, Step, StreamFrame, StreamId, StreamTracker, TrackerError, TrackerOptions};
use batch::{Entry, Memory};
use stream::{Limits, Prompts, Stream};

pub(crate) struct Engine<B: Kernels> {
    model: Sam2<B>,
    device_name: String,
    options: TrackerOptions,
    streams: BTreeMap<StreamId, Stream<B>>,
    /// Most pointers in a bank.
    max_pointers: usize,
    taps: Option<Taps>,
}

/// A frame that is on its way through the network.
struct Running<'a, B: Kernels> {
    /// Which of the frames of this step it is.
    index: usize,
    input: &'a StreamFrame<'a>,
    prompts: Prompts,
    image: ImageFeatures<B>,
    encode_ms: f64,
    recorded: bool,
}

enum Begun<'a, B: Kernels> {
    /// There is nothing to do on the frame.
    Idle(Step),
    Running(Running<'a, B>),
}

impl<B: Kernels> Engine<B> {
    pub(crate) fn new(model: Sam2<B>, device_name: String, options: TrackerOptions) -> Self {
        let limit = options.known_frames.and_then(|frames| usize::try_from(frames).ok()).unwrap_or(usize::MAX);
        let max_pointers = model.config().max_obj_ptrs.min(limit);
        let taps = options.taps.clone().map(Taps::new);
        Self { model, device_name, options, streams: BTreeMap::new(), max_pointers, taps }
    }

    fn limits(&self) -> Limits {
        Limits {
            slots: self.model.config().num_maskmem,
            pointers: self.max_pointers,
            lost_after_frames: self.options.lost_after_frames,
        }
    }

    /// Checks what a frame asks for and encodes it.
    fn begin<'a>(&mut self, index: usize, input: &'a StreamFrame<'a>) -> Result<Begun<'a, B>, TrackerError> {
        let started = Instant::now();
        let stream = self.streams.entry(input.stream).or_default();
        let tasks = stream.check(input.frame, input.actions, self.model.config().image_size)?;
        stream.remove(&tasks.removals);
        if stream.is_empty() && tasks.prompts.is_empty() {
            stream.pass();
            return Ok(Begun::Idle(Step { objects: Vec::new(), latency: Latency::default(), logits: None }));
        }
        let recorded = self.taps.as_mut().is_some_and(|taps| taps.begin(stream.clock()));
        let frame = input.frame;
        let image = self.model.encode_image(&frame.rgb, frame.width, frame.height)?;
        let encode_ms = millis_since(started);
        Ok(Begun::Running(Running { index, input, prompts: tasks.prompts, image, encode_ms, recorded }))
    }

    /// Everything that is to be predicted on these frames.
    fn work<'r>(&'r self, running: &'r [Running<'_, B>]) -> Vec<Entry<'r, B>> {
        let mut entries = Vec::new();
        for (place, frame) in running.iter().enumerate() {
            let Some(stream) = self.streams.get(&frame.input.stream) else { continue };
            let entry = |object, bank| Entry {
                key: (place, object),
                image: &frame.image,
                prompt: frame.prompts.get(&object),
                bank,
                learns: frame.input.frame.intact,
            };
            entries.extend(stream.banks().map(|(object, bank)| entry(object, Some((bank, stream.clock())))));
            entries.extend(frame.prompts.keys().filter(|object| !stream.has(**object)).map(|o| entry(*o, None)));
        }
        entries
    }

    /// Puts what the frames left behind into the banks; time goes on for the streams that something was learned from.
    fn learn(&mut self, running: &[Running<'_, B>], memories: Vec<Memory<B>>) {
        let limits = self.limits();
        for memory in memories {
            let (place, object) = memory.key;
            let stream = running.get(place).and_then(|frame| self.streams.get_mut(&frame.input.stream));
            if let Some(stream) = stream {
                stream.store(object, memory.map, memory.pointer, limits);
            }
        }
        for frame in running.iter().filter(|frame| frame.input.frame.intact) {
            if let Some(stream) = self.streams.get_mut(&frame.input.stream) {
                stream.pass();
            }
        }
    }

    /// Tracks the objects of all these frames in one batch.
    fn run(&mut self, running: &[Running<'_, B>]) -> Result<Vec<Step>, TrackerError> {
        let started = Instant::now();
        let heads = batch::run(&self.model, &self.work(running), self.max_pointers.saturating_sub(1) as f32);
        let (keys, predictions): (Vec<_>, Vec<_>) = heads.predictions.into_iter().unzip();
        self.learn(running, heads.memories);
        let predictions = read_back(Prediction::join(predictions))?;
        let track_ms = millis_since(started);
        if let Some(taps) = self.taps.as_mut().filter(|_| running.iter().any(|frame| frame.recorded)) {
            taps.end()?;
        }
        let steps = running.iter().enumerate().map(|(place, frame)| {
            let rows = keys.iter().enumerate().filter(|(_, (owner, _))| *owner == place);
            self.conclude(frame, &predictions, rows.map(|(row, (_, object))| (row, *object)).collect(), track_ms)
        });
        Ok(steps.collect())
    }

    /// The answer for one frame, from its rows of the predictions.
    fn conclude(
        &mut self,
        frame: &Running<'_, B>,
        predictions: &HostPredictions,
        rows: Vec<(usize, ObjectId)>,
        track_ms: f64,
    ) -> Step {
        let started = Instant::now();
        let fill = self.options.fill_holes_area;
        let mut stream = self.streams.get_mut(&frame.input.stream);
        let mut state = |object, in_sight| match &mut stream {
            Some(stream) => stream.next_state(object, in_sight),
            None => ObjectState::Visible,
        };
        let objects = rows.iter().map(|&(row, object)| {
            describe(object, predictions, row, frame.input.frame, fill, |in_sight| state(object, in_sight))
        });
        let objects = objects.collect();
        let total = frame.encode_ms + track_ms + millis_since(started);
        let logits = self.options.keep_logits.then(|| predictions.logits_of(rows.iter().map(|(row, _)| *row)));
        Step { objects, latency: Latency { encode: frame.encode_ms, track: track_ms, total }, logits }
    }
}

impl<B: Kernels> StreamTracker for Engine<B> {
    fn device(&self) -> String {
        self.device_name.clone()
    }

    fn step(&mut self, frames: &[StreamFrame<'_>]) -> Result<Vec<Result<Step, TrackerError>>, TrackerError> {
        let mut answers: Vec<Option<Result<Step, TrackerError>>> = frames.iter().map(|_| None).collect();
        let mut running = Vec::new();
        for (index, input) in frames.iter().enumerate() {
            let answer = match self.begin(index, input) {
                Ok(Begun::Running(frame)) => {
                    running.push(frame);
                    continue;
                }
                Ok(Begun::Idle(step)) => Ok(step),
                Err(error) => Err(error),
            };
            // `answers` has a place for every frame.
            answers[index] = Some(answer);
        }
        if !running.is_empty() {
            for (frame, step) in running.iter().zip(self.run(&running)?) {
                answers[frame.index] = Some(Ok(step));
            }
        }
        // Every frame was either answered at once or went through the network.
        Ok(answers.into_iter().flatten().collect())
    }

    fn objects(&self, stream: StreamId) -> Vec<ObjectId> {
        self.streams.get(&stream).map(Stream::objects).unwrap_or_default()
    }

    fn forget(&mut self, stream: StreamId) {
        self.streams.remove(&stream);
    }

    fn interrupted(&mut self, stream: StreamId) {
        if let Some(stream) = self.streams.get_mut(&stream) {
            stream.interrupted();
        }
    }

    fn bank_bytes(&self, stream: StreamId) -> u64 {
        self.streams.get(&stream).map(Stream::bank_bytes).unwrap_or_default()
    }

    fn save(&self, stream: StreamId) -> Result<Vec<SavedTrack>, TrackerError> {
        self.streams.get(&stream).map_or_else(|| Ok(Vec::new()), saved::save)
    }

    fn restore(&mut self, stream: StreamId, track: &SavedTrack) -> Result<(), TrackerError> {
        let limits = self.limits();
        let (map, pointer) = saved::upload(&self.model, track)?;
        self.streams.entry(stream).or_default().store(track.object, map, pointer, limits);
        Ok(())
    }
}

fn millis_since(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1e3
}

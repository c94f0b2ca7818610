//! [`StreamTracker`] on a backend: the frames of several streams in one go.

mod ahead;
mod batch;
mod catch_up;
mod live;
mod past;
mod ring;
mod saved;
mod stream;
mod track;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use maskd_model::{Kernels, Sam2};
use maskd_types::{Frame, ObjectId, Prompt};

use crate::taps::Taps;
use crate::{Applied, RingView, SavedTrack, Step, StreamFrame, StreamId, StreamTracker, TrackerError, TrackerOptions};
use batch::Rules;
use stream::Stream;
use track::Limits;

pub(crate) struct Engine<B: Kernels> {
    model: Arc<Sam2<B>>,
    device_name: String,
    options: TrackerOptions,
    streams: BTreeMap<StreamId, Stream<B>>,
    /// Most pointers in a bank.
    max_pointers: usize,
    taps: Option<Taps>,
}

impl<B: Kernels> Engine<B> {
    pub(crate) fn new(model: Sam2<B>, device_name: String, options: TrackerOptions) -> Self {
        let limit = options.known_frames.and_then(|frames| usize::try_from(frames).ok()).unwrap_or(usize::MAX);
        let max_pointers = model.config().max_obj_ptrs.min(limit);
        let taps = options.taps.clone().map(Taps::new);
        Self { model: Arc::new(model), device_name, options, streams: BTreeMap::new(), max_pointers, taps }
    }

    fn limits(&self) -> Limits {
        Limits {
            slots: self.model.config().num_maskmem,
            pointers: self.max_pointers,
            lost_after_frames: self.options.lost_after_frames,
        }
    }

    fn rules(&self) -> Rules {
        Rules {
            pointer_span: self.max_pointers.saturating_sub(1) as f32,
            hole_area: self.options.fill_holes_area,
            no_overlap: self.options.no_overlap,
        }
    }

    /// Whether several frames go through the network side by side. What is recorded stays with the thread, and is that of one frame.
    fn uses_idle_threads(&self) -> bool {
        B::has_idle_threads() && self.taps.is_none()
    }

    /// As [`StreamTracker::step`] says.
    fn step_here(&mut self, frames: &[StreamFrame<'_>]) -> Result<Vec<Result<Step, TrackerError>>, TrackerError> {
        let mut answers: Vec<Option<Result<Step, TrackerError>>> = frames.iter().map(|_| None).collect();
        let mut admitted = Vec::new();
        for (index, input) in frames.iter().enumerate() {
            // `answers` has a place for every frame.
            match self.admit(index, input) {
                Ok(Some(frame)) => admitted.push(frame),
                Ok(None) => answers[index] = Some(Ok(Step::default())),
                Err(error) => answers[index] = Some(Err(error)),
            }
        }
        let mut running = Vec::new();
        for (index, frame) in self.encode(admitted) {
            match frame {
                Ok(frame) => running.push(frame),
                Err(error) => answers[index] = Some(Err(error)),
            }
        }
        if !running.is_empty() {
            let streams: Vec<StreamId> = running.iter().map(|frame| frame.input.stream).collect();
            let steps = self.and_encode_ahead(&streams, |engine| engine.run(&mut running))?;
            for (frame, step) in running.iter().zip(steps) {
                answers[frame.index] = Some(Ok(step));
            }
        }
        // Every frame was either answered at once or went through the network.
        Ok(answers.into_iter().flatten().collect())
    }
}

impl<B: Kernels> StreamTracker for Engine<B> {
    fn device(&self) -> String {
        self.device_name.clone()
    }

    fn step(&mut self, frames: &[StreamFrame<'_>]) -> Result<Vec<Result<Step, TrackerError>>, TrackerError> {
        if self.taps.is_some() {
            // What is recorded stays with the thread.
            return self.step_here(frames);
        }
        B::together(|| self.step_here(frames))
    }

    fn prefetch(&mut self, stream: StreamId, frame: &Frame) {
        self.expect(stream, frame);
    }

    fn prompt_past(
        &mut self,
        stream: StreamId,
        frame: u64,
        object: ObjectId,
        prompt: &Prompt,
    ) -> Result<Applied, TrackerError> {
        B::together(|| self.apply_past(stream, frame, object, prompt))
    }

    fn ring(&self, stream: StreamId) -> RingView {
        self.streams.get(&stream).map(|stream| stream.ring.view(self.ring_frame_bytes())).unwrap_or_default()
    }

    fn ring_frame_bytes(&self) -> u64 {
        ring::frame_bytes(self.model.config())
    }

    fn objects(&self, stream: StreamId) -> Vec<ObjectId> {
        self.streams.get(&stream).map(Stream::objects).unwrap_or_default()
    }

    fn remove(&mut self, stream: StreamId, object: ObjectId) {
        if let Some(stream) = self.streams.get_mut(&stream) {
            stream.remove(&[object]);
        }
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
        self.streams.entry(stream).or_default().restore(track.object, map, pointer, limits);
        Ok(())
    }
}

fn millis_since(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1e3
}

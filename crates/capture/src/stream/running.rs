use std::time::{Duration, Instant};

use gstreamer::prelude::*;
use gstreamer::{Bus, ClockTime, Sample, State};

use super::Recipe;
use super::faults::Faults;
use crate::pipeline::{Built, Pads, build};
use crate::{CaptureError, CaptureOptions, Interrupt};

/// Longest time in which an interrupt or a message goes unnoticed.
const GLANCE: ClockTime = ClockTime::from_mseconds(50);

/// How long decoders get, after an error in front of them, to hand over what they have decoded already.
const GRACE: Duration = Duration::from_secs(1);

/// A pipeline that plays; it is torn down with this value.
pub(super) struct Running {
    built: Built,
    bus: Bus,
    faults: Faults,
    interrupt: Interrupt,
    max_pixels: u64,
    frames: u64,
}

impl Running {
    pub(super) fn start(recipe: &Recipe, options: &CaptureOptions) -> Result<Self, CaptureError> {
        let built = build(recipe.kind, &recipe.values, Pads::new(options.max_pixels))?;
        let faults = Faults::new(recipe);
        let bus = built
            .pipeline
            .bus()
            .ok_or_else(|| faults.plain("the pipeline has no bus"))?;
        let interrupt = options.interrupt.clone();
        let mut running = Self {
            built,
            bus,
            faults,
            interrupt,
            max_pixels: options.max_pixels,
            frames: 0,
        };
        if running.built.pipeline.set_state(State::Playing).is_err() {
            running.read_messages();
            return Err(running
                .failure()
                .unwrap_or_else(|| running.faults.plain("the pipeline does not start")));
        }
        Ok(running)
    }

    pub(super) fn max_pixels(&self) -> u64 {
        self.max_pixels
    }

    pub(super) fn duration_ns(&self) -> Option<u64> {
        self.built
            .pipeline
            .query_duration::<ClockTime>()
            .map(ClockTime::nseconds)
    }

    /// The next sample; `None` at the end. Ends at the latest after `patience`.
    pub(super) fn pull(&mut self, patience: Duration) -> Result<Option<Sample>, CaptureError> {
        let begin = Instant::now();
        loop {
            self.read_messages();
            if self.interrupt.is_set() {
                return Err(CaptureError::Interrupted);
            }
            if let Some(sample) = self.built.sink.try_pull_sample(GLANCE) {
                self.frames += 1;
                return Ok(Some(sample));
            }
            if self.built.sink.is_eos() {
                return self.end().map(|()| None);
            }
            self.check(begin, patience)?;
        }
    }

    /// Called when nothing came for a while: is there anything left to wait for?
    fn check(&mut self, begin: Instant, patience: Duration) -> Result<(), CaptureError> {
        self.read_messages();
        if let Some((width, height)) = self.built.pads.too_large() {
            let name = self.faults.name().to_owned();
            return Err(CaptureError::TooLarge {
                name,
                width,
                height,
                max_pixels: self.max_pixels,
            });
        }
        if self.built.pads.without_video() {
            return Err(self.failure().unwrap_or_else(|| self.faults.no_video()));
        }
        if begin.elapsed() > GRACE || !self.faults.decoders_may_go_on() {
            self.failure().map_or(Ok(()), Err)?;
        }
        if begin.elapsed() > patience {
            let name = self.faults.name().to_owned();
            return Err(CaptureError::Timeout {
                name,
                waited: patience,
                first: self.frames == 0,
            });
        }
        Ok(())
    }

    /// The error that was posted, if any.
    fn failure(&mut self) -> Option<CaptureError> {
        self.faults.failure(self.frames)
    }

    /// Whether the end is the real one.
    fn end(&mut self) -> Result<(), CaptureError> {
        self.read_messages();
        self.failure()
            .or_else(|| self.faults.hidden_damage(self.frames))
            .map_or(Ok(()), Err)
    }

    fn read_messages(&mut self) {
        while let Some(message) = self.bus.pop() {
            self.faults.note(&message);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Nothing can be done about a pipeline that does not stop, and nothing more is asked of it.
        self.built.pipeline.set_state(State::Null).ok();
    }
}

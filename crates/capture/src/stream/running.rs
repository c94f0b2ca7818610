use std::path::Path;
use std::time::{Duration, Instant};
use std::{fs, io};

use gstreamer::prelude::*;
use gstreamer::{Bus, ClockTime, Element, Sample, State, TaskState};

use super::Recipe;
use super::facts::Facts;
use super::faults::Faults;
use super::state;
use super::watch::Watch;
use crate::pipeline::{Built, Certificate, Distrust, Pads, accept, build};
use crate::{CaptureError, CaptureOptions, Interrupt, SourceCounts};

/// Longest time in which an interrupt or a message goes unnoticed.
const GLANCE: ClockTime = ClockTime::from_mseconds(50);

/// How long decoders get, after an error in front of them, to hand over what they have decoded already.
const GRACE: Duration = Duration::from_secs(1);

/// A pipeline that plays; it is torn down with this value.
pub(super) struct Running {
    built: Built,
    bus: Bus,
    faults: Faults,
    distrust: Distrust,
    /// Only of live streams.
    watch: Option<Watch>,
    interrupt: Interrupt,
    max_pixels: u64,
    frames: u64,
    length_ns: Option<u64>,
    /// How often in a row nothing was running any more.
    rests: u32,
}

impl Running {
    pub(super) fn start(recipe: &Recipe, options: &CaptureOptions) -> Result<Self, CaptureError> {
        let built = build(recipe.kind, &recipe.values, Pads::new(options.max_pixels))?;
        let known = options.tls_certificate.as_deref().map(certificate).transpose()?;
        let distrust = accept(&built.pipeline, known);
        let faults = Faults::new(recipe);
        let bus = built.pipeline.bus().ok_or_else(|| faults.plain("the pipeline has no bus"))?;
        let interrupt = options.interrupt.clone();
        let watch = recipe.is_live().then(|| Watch::attach(&built.pipeline, &built.sink, options.rtsp_latency_ms));
        let mut running = Self {
            built,
            bus,
            faults,
            distrust,
            watch,
            interrupt,
            max_pixels: options.max_pixels,
            frames: 0,
            length_ns: None,
            rests: 0,
        };
        running.play(options.open_timeout)?;
        Ok(running)
    }

    fn play(&mut self, patience: Duration) -> Result<(), CaptureError> {
        let changed = state::change(&self.built.pipeline, State::Playing, patience, &self.interrupt);
        match changed {
            Some(Ok(_)) => return Ok(()),
            None if self.interrupt.is_set() => return Err(CaptureError::Interrupted),
            _ => self.read_messages(),
        }
        Err(self.failure().unwrap_or_else(|| self.faults.plain("the pipeline does not start")))
    }

    /// What is known of a sample that was pulled.
    pub(super) fn facts(&self, sample: &Sample) -> Facts {
        self.watch.as_ref().map_or_else(Facts::arriving, |watch| watch.facts(sample))
    }

    pub(super) fn counts(&self) -> SourceCounts {
        self.watch.as_ref().map(Watch::counts).unwrap_or_default()
    }

    /// Usual time between two frames of a live stream, as it was measured.
    pub(super) fn interval(&self) -> Option<Duration> {
        self.watch.as_ref().and_then(Watch::interval)
    }

    pub(super) fn max_pixels(&self) -> u64 {
        self.max_pixels
    }

    /// Length of the stream as its container tells it.
    pub(super) fn length_ns(&self) -> Option<u64> {
        self.length_ns
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
                self.count_frame();
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
            return Err(CaptureError::TooLarge { name, width, height, max_pixels: self.max_pixels });
        }
        let at_rest = self.at_rest();
        if at_rest || begin.elapsed() > GRACE || !self.faults.decoders_may_go_on() {
            self.failure().map_or(Ok(()), Err)?;
        }
        if at_rest {
            return Err(self.dead());
        }
        if begin.elapsed() > patience {
            let name = self.faults.name().to_owned();
            return Err(CaptureError::Timeout { name, waited: patience, first: self.frames == 0 });
        }
        Ok(())
    }

    fn count_frame(&mut self) {
        (self.frames, self.rests) = (self.frames + 1, 0);
        if self.frames == 1 {
            self.length_ns = self.built.pipeline.query_duration::<ClockTime>().map(ClockTime::nseconds);
        }
    }

    /// Whether no thread of a file's pipeline is running any more, so that nothing can come. `parsebin` loses errors
    /// that its demuxer posts while it is being put in.
    fn at_rest(&mut self) -> bool {
        let works = |element: Element| element.pads().iter().any(|pad| pad.task_state() == TaskState::Started);
        let working = !self.faults.is_file() || self.built.pipeline.iterate_recurse().into_iter().flatten().any(works);
        self.rests = if working { 0 } else { self.rests + 1 };
        // Once is not enough: the last frames may have arrived while this looked.
        self.rests > 1
    }

    /// Why a pipeline is at rest that has neither failed nor ended.
    fn dead(&mut self) -> CaptureError {
        if let Some(damage) = self.faults.hidden_damage(self.frames) {
            return damage;
        }
        if !self.built.pads.video() {
            return self.faults.no_video();
        }
        self.faults.damaged(self.frames, "reading stopped for no known reason".to_owned())
    }

    /// The error that was posted, if any.
    fn failure(&mut self) -> Option<CaptureError> {
        let failure = self.faults.failure(self.frames);
        // What the elements say then is that they cannot connect.
        let untrusted = || CaptureError::Certificate { name: self.faults.name().to_owned() };
        failure.map(|error| if self.distrust.is_set() { untrusted() } else { error })
    }

    /// Whether the end is the real one.
    fn end(&mut self) -> Result<(), CaptureError> {
        self.read_messages();
        let failure = self.failure().or_else(|| self.faults.hidden_damage(self.frames));
        failure.or_else(|| self.early_end()).map_or(Ok(()), Err)
    }

    /// Demuxers take a hole in a file for its end: whether all streams end long before the length that the container
    /// tells.
    fn early_end(&self) -> Option<CaptureError> {
        let (end, length) = (self.built.pads.end_ns(), self.length_ns?);
        let tolerance = (length / 20).max(1_000_000_000);
        let early = self.faults.whole() && end > 0 && end.saturating_add(tolerance) < length;
        let seconds = |ns| Duration::from_nanos(ns).as_secs_f64();
        let reason = || format!("it ends after {:.1} s of {:.1} s", seconds(end), seconds(length));
        early.then(|| self.faults.damaged(self.frames, reason()))
    }

    fn read_messages(&mut self) {
        while let Some(message) = self.bus.pop() {
            self.faults.note(&message);
        }
    }
}

fn certificate(path: &Path) -> Result<Certificate, CaptureError> {
    let unreadable = |source| CaptureError::Unreadable { path: path.to_owned(), source };
    let text = fs::read_to_string(path).map_err(unreadable)?;
    let none = || io::Error::new(io::ErrorKind::InvalidData, "there is no certificate in it (PEM)");
    Certificate::read(&text).ok_or_else(none).map_err(unreadable)
}

impl Drop for Running {
    fn drop(&mut self) {
        state::put_away(&self.built.pipeline);
    }
}

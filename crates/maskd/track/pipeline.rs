//! One run: frames in, masks out, until something ends it.

use std::sync::Arc;

use maskd_tracker::Tracker;
use maskd_types::{Frame, TrackedFrame};

use super::producer::Producer;
use super::progress::Progress;
use super::sinks::{Flow, Outputs};
use super::tally::Tally;
use crate::exit::{Advice, Code, Failure};
use crate::panics;
use crate::prompts::Schedule;
use crate::signals::Stop;

/// All that a run needs.
pub struct Pipeline {
    pub frames: Producer,
    pub tracker: Box<dyn Tracker>,
    pub schedule: Schedule,
    pub outputs: Outputs,
    pub limit: Option<u64>,
    /// Whether frames may be encoded before it is their turn.
    pub prefetch: bool,
    /// Whether only a signal or the limit can end the input well.
    pub live: bool,
    pub stop: Stop,
    pub progress: Progress,
    pub tally: Tally,
}

/// What ended a run.
enum End {
    /// The source has no more frames, for whatever reason; or somebody wants to stop.
    Frames,
    /// As many frames as were asked for.
    Limit,
    /// No output takes more.
    Outputs,
}

/// A signal ended a run that was not over.
#[derive(Debug, thiserror::Error)]
#[error("interrupted after {frames} frames")]
struct Interrupted {
    frames: u64,
}

impl Advice for Interrupted {
    fn code(&self) -> Code {
        Code::RunTime
    }

    fn help(&self) -> String {
        "what was written so far is complete; run it again for the rest".into()
    }
}

impl Pipeline {
    /// Tracks until the end; whatever happens, all outputs are closed properly.
    pub fn run(mut self) -> (Tally, Result<(), Failure>) {
        let stream: Arc<str> = self.frames.info().name.as_str().into();
        let end = panics::guard("the tracker", || self.track(&stream));
        self.progress.finish();
        let stopped = self.stop.is_set();
        let mut failures: Vec<Failure> = self.outputs.finish();
        let frames = self.tally.frames();
        let source = self.frames.finish(frames, stopped);
        match end {
            Err(failure) => failures.insert(0, failure),
            Ok(End::Frames) if source.is_err() => failures.extend(source.err()),
            Ok(End::Frames) if !stopped => failures.extend(self.schedule.finish(frames).err().map(Failure::from)),
            Ok(End::Frames) if !self.live => failures.push(Interrupted { frames }.into()),
            Ok(_) => {}
        }
        (self.tally, Failure::all(failures).map_or(Ok(()), Err))
    }

    fn track(&mut self, stream: &Arc<str>) -> Result<End, Failure> {
        loop {
            if self.limit == Some(self.tally.frames()) {
                return Ok(End::Limit);
            }
            let Some(frame) = self.frames.next(&self.stop) else {
                return Ok(End::Frames);
            };
            if self.step(stream, frame)? == Flow::End {
                return Ok(End::Outputs);
            }
        }
    }

    fn step(&mut self, stream: &Arc<str>, frame: Frame) -> Result<Flow, Failure> {
        let is_last = self.limit == Some(self.tally.frames() + 1);
        if self.prefetch
            && !is_last
            && let Some(next) = self.frames.peek()
        {
            self.tracker.prefetch(next);
        }
        let actions = self.schedule.take(frame.number);
        let step = self.tracker.step(&frame, &actions)?;
        self.tally.add(&step.objects, &step.latency);
        self.progress.show(self.tally.frames());
        let tracked = TrackedFrame { stream: Arc::clone(stream), frame, objects: step.objects, latency: step.latency };
        Ok(self.outputs.give(&Arc::new(tracked), step.logits))
    }
}

//! The thread that reads frames.

use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use maskd_capture::{CaptureError, Interrupt, Source};
use maskd_types::{Frame, SourceInfo};

use super::worker::{join, spawn};
use crate::exit::Failure;
use crate::input::{Input, no_frames};
use crate::signals::Stop;

/// Frames that are decoded ahead of the tracker. The source waits when they are not fetched.
const AHEAD: usize = 2;
/// How long a wait for a frame may keep a signal from being noticed.
const PATIENCE: Duration = Duration::from_millis(50);
const NAME: &str = "the source";

/// A source on a thread of its own.
pub struct Producer {
    info: SourceInfo,
    frames: Receiver<Frame>,
    /// The next frame, where somebody has looked at it.
    seen: Option<Frame>,
    interrupt: Interrupt,
    thread: JoinHandle<Result<(), CaptureError>>,
}

impl Producer {
    /// Begins to read.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(input: Input) -> Result<Self, Failure> {
        let (to, frames) = bounded(AHEAD);
        let info = input.info().clone();
        let source = input.source;
        let thread = spawn(NAME, move || read(source, &to))?;
        Ok(Self { info, frames, seen: None, interrupt: input.interrupt, thread })
    }

    /// What was known before the first frame.
    pub fn info(&self) -> &SourceInfo {
        &self.info
    }

    /// Waits for a frame; `None` where the source has ended or failed, or somebody wants to stop.
    pub fn next(&mut self, stop: &Stop) -> Option<Frame> {
        loop {
            if stop.is_set() {
                return None;
            }
            if let Some(frame) = self.seen.take() {
                return Some(frame);
            }
            match self.frames.recv_timeout(PATIENCE) {
                Ok(frame) => return Some(frame),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    }

    /// The frame that [`next`](Self::next) will give, where the source has it already.
    pub fn peek(&mut self) -> Option<&Frame> {
        if self.seen.is_none() {
            self.seen = self.frames.try_recv().ok();
        }
        self.seen.as_ref()
    }

    /// Stops reading after `tracked` frames were used.
    ///
    /// # Errors
    /// The source's own, an input without a frame, or the panic that ended the thread.
    pub fn finish(self, tracked: u64, stopped: bool) -> Result<(), Failure> {
        self.interrupt.set();
        drop(self.frames);
        match join(NAME, self.thread)? {
            Err(CaptureError::Interrupted) => Ok(()),
            Ok(()) if tracked == 0 && !stopped => Err(no_frames(&self.info)),
            result => Ok(result?),
        }
    }
}

fn read(mut source: Box<dyn Source>, to: &Sender<Frame>) -> Result<(), CaptureError> {
    while let Some(frame) = source.next_frame()? {
        // Nobody wants another one.
        if to.send(frame).is_err() {
            break;
        }
    }
    Ok(())
}

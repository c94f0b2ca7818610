use std::sync::Arc;
use std::time::{Duration, Instant};

use super::backoff::Backoff;
use super::guard::guarded;
use super::handle::MakeSink;
use super::queue::Item;
use super::shared::{Next, Shared};
use super::{OutletState, Retry};
use crate::{OutputError, Sink};

/// How long nothing comes before a sink is told so.
const IDLE: Duration = Duration::from_secs(1);

/// The outlet's thread.
pub(super) struct Worker {
    pub(super) shared: Arc<Shared>,
    pub(super) make: MakeSink,
    pub(super) report: Box<dyn Fn(&OutletState) + Send>,
    pub(super) retry: Retry,
}

impl Worker {
    pub(super) fn run(mut self) {
        let mut backoff = Backoff::new(self.retry);
        let mut failures = 0_u64;
        let finished = loop {
            let (worked, error) = match self.once(failures > 0) {
                Ok(finished) => break finished,
                Err(failure) => failure,
            };
            self.fail(&error, worked.is_some() || failures == 0);
            failures += 1;
            if !self.shared.pause(backoff.pause(worked.unwrap_or_default())) {
                break true;
            }
        };
        // Told before it is so: whoever waits for the end may leave the program.
        self.tell(&OutletState::Closed);
        self.shared.end(finished);
    }

    /// Makes a sink and serves it until the outlet is closed: whether it could be finished. Or until it fails: how long
    /// it had worked (`None` if it could not even be made) and why.
    fn once(&mut self, again: bool) -> Result<bool, (Option<Duration>, OutputError)> {
        self.shared.attempting(again);
        let mut sink = guarded(&mut self.make).map_err(|error| (None, error))?;
        self.shared.running(again);
        self.tell(&OutletState::Running);
        let since = Instant::now();
        let end = self.serve(&mut *sink);
        let dropped = guarded(move || {
            drop(sink);
            Ok(())
        });
        match end.and_then(|finished| dropped.map(|()| finished)) {
            Ok(finished) => Ok(finished),
            Err(error) => Err((Some(since.elapsed()), error)),
        }
    }

    fn serve(&self, sink: &mut dyn Sink) -> Result<bool, OutputError> {
        loop {
            match self.shared.next(IDLE) {
                Next::Item(Item::Frame(frame)) => {
                    guarded(|| sink.write(&frame))?;
                    self.shared.frame_written();
                }
                Next::Item(Item::Notice(notice)) => {
                    guarded(|| sink.notice(&notice))?;
                    self.shared.notice_written();
                }
                Next::Idle => {
                    guarded(|| sink.idle(Instant::now()))?;
                    self.shared.rested();
                }
                Next::Finish => return Ok(guarded(|| sink.finish()).is_ok()),
            }
        }
    }

    /// Told once per outage, not once per attempt.
    fn fail(&self, error: &OutputError, is_news: bool) {
        let reason: Arc<str> = error.to_string().into();
        self.shared.failed(reason.clone());
        if is_news {
            self.tell(&OutletState::Failed(reason));
        }
    }

    fn tell(&self, state: &OutletState) {
        // A listener that panics must not take the sink with it, and there is nobody else to tell.
        let _ = guarded(|| {
            (self.report)(state);
            Ok(())
        });
    }
}

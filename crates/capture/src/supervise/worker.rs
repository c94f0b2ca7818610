use std::sync::Arc;
use std::time::Instant;

use maskd_types::{CaptureTime, Frame, SourceState, StreamStatus};

use super::backoff::{Backoff, about};
use super::control::{Control, Woken};
use super::stats::Ledger;
use super::timeline::Timeline;
use super::verdict::Verdict;
use super::{Deliver, Delivery, Opener, SupervisorConfig};
use crate::{Source, SourceCounts};

/// The thread of one source.
pub(super) struct Worker {
    pub stream: Arc<str>,
    pub open: Opener,
    pub policy: SupervisorConfig,
    pub deliver: Deliver,
    pub control: Arc<Control>,
    pub ledger: Arc<Ledger>,
    pub backoff: Backoff,
    pub timeline: Timeline,
    /// The state that was told last.
    pub state: Option<SourceState>,
    /// Since when frames come without a failure.
    pub live_since: Option<Instant>,
    /// Whether frames have ever come.
    pub has_lived: bool,
}

impl Worker {
    /// Plays the source until it is to stop.
    pub(super) fn run(mut self) {
        self.enter(SourceState::Connecting, None);
        while let Some(interrupt) = self.control.begin_attempt() {
            self.policy.capture.interrupt = interrupt;
            self.ledger.opened();
            let verdict = self.attempt();
            self.follow(verdict);
        }
        self.enter(SourceState::Ended, Some("stopped"));
    }

    fn attempt(&mut self) -> Verdict {
        match (self.open)(&self.policy.capture) {
            Ok(mut source) => self.play(&mut *source),
            Err(error) => Verdict::of(&error),
        }
    }

    /// Hands frames over until the source has no more. A silent source is told of before it is taken apart.
    fn play(&mut self, source: &mut dyn Source) -> Verdict {
        self.timeline.begin(source.is_live(), source.info().rate);
        let mut counts = SourceCounts::default();
        let mut frames: u64 = 0;
        loop {
            let next = source.next_frame();
            let now = source.counts();
            self.ledger.lost(std::mem::replace(&mut counts, now), now);
            match next {
                _ if self.policy.capture.interrupt.is_set() => return Verdict::Interrupted,
                Ok(Some(frame)) => self.hand_over(frame),
                Ok(None) if source.is_live() => return Verdict::Failed(self.told(source, "the stream ended")),
                Ok(None) if frames == 0 => return Verdict::Failed(self.told(source, "it has no frames")),
                Ok(None) => return Verdict::Finished,
                // Another attempt would give the same frames once more.
                Err(error) if frames > 0 && !source.is_live() && !self.policy.repeat => {
                    return Verdict::final_of(&error);
                }
                Err(error) => return self.judged(Verdict::of(&error)),
            }
            frames += 1;
        }
    }

    fn told(&self, source: &dyn Source, what: &str) -> String {
        format!("{}: {what}", source.info().name)
    }

    fn judged(&mut self, verdict: Verdict) -> Verdict {
        if let Verdict::Silent(reason) = &verdict {
            self.enter(SourceState::Stalled, Some(reason));
        }
        verdict
    }

    fn hand_over(&mut self, frame: Frame) {
        if self.state != Some(SourceState::Live) {
            self.come_alive();
        }
        let frame = self.timeline.place(frame);
        self.ledger.delivered(&frame);
        (self.deliver)(Delivery::Frame(frame));
    }

    fn come_alive(&mut self) {
        if self.has_lived {
            self.ledger.reconnected();
        }
        (self.has_lived, self.live_since) = (true, Some(Instant::now()));
        self.enter(SourceState::Live, None);
    }

    /// Does what follows from the end of an attempt.
    fn follow(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Interrupted => self.start_over(Woken::Restart),
            Verdict::Finished if self.policy.repeat => {}
            Verdict::Finished => self.rest(None),
            Verdict::Hopeless(reason) => self.rest(Some(&reason)),
            Verdict::Failed(reason) | Verdict::Silent(reason) => self.back_off(&reason),
            Verdict::Refused(reason) => self.wait_for_credentials(&reason),
        }
    }

    fn rest(&mut self, reason: Option<&str>) {
        self.enter(SourceState::Ended, reason);
        let woken = self.control.rest();
        self.start_over(woken);
    }

    fn back_off(&mut self, reason: &str) {
        if let Some(since) = self.live_since.take() {
            self.backoff.worked(since.elapsed(), self.policy.healthy_after);
        }
        self.enter(SourceState::Backoff, Some(reason));
        let woken = self.control.pause(self.backoff.next());
        self.start_over(woken);
    }

    fn wait_for_credentials(&mut self, reason: &str) {
        self.live_since = None;
        self.enter(SourceState::AuthFailed, Some(reason));
        let woken = self.control.pause(about(self.policy.auth_retry));
        self.start_over(woken);
    }

    /// A restart that somebody asked for is a beginning; a pause that is over is none.
    fn start_over(&mut self, woken: Woken) {
        if woken != Woken::Restart {
            return;
        }
        self.backoff.reset();
        self.live_since = None;
        // Where it was asked to stop, that is told next.
        if !self.control.is_stopping() {
            self.enter(SourceState::Connecting, Some("restarted"));
        }
    }

    /// Tells a state, once.
    fn enter(&mut self, state: SourceState, reason: Option<&str>) {
        if self.state == Some(state) {
            return;
        }
        self.state = Some(state);
        self.ledger.entered(state);
        let (stream, reason) = (self.stream.clone(), reason.map(Arc::from));
        let since = CaptureTime::now();
        (self.deliver)(Delivery::Status(StreamStatus { stream, state, reason, since, removed: false }));
    }
}

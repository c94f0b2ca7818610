use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::Interrupt;

/// What others want of the source's thread.
#[derive(Default)]
pub(super) struct Control {
    wishes: Mutex<Wishes>,
    changed: Condvar,
}

#[derive(Default)]
struct Wishes {
    stop: bool,
    restart: bool,
    /// Ends the waits of the running attempt.
    attempt: Interrupt,
}

/// Why a pause was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Woken {
    TimeUp,
    Restart,
    Stop,
}

impl Control {
    pub(super) fn stop(&self) {
        self.wish(|wishes| wishes.stop = true);
    }

    pub(super) fn restart(&self) {
        self.wish(|wishes| wishes.restart = true);
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.lock().stop
    }

    /// The interrupt of a new attempt; `None` where there is to be none any more. Wishes to start anew are met by it.
    pub(super) fn begin_attempt(&self) -> Option<Interrupt> {
        let mut wishes = self.lock();
        if wishes.stop {
            return None;
        }
        wishes.restart = false;
        wishes.attempt = Interrupt::default();
        Some(wishes.attempt.clone())
    }

    /// Waits until the time is up or somebody wants something.
    pub(super) fn pause(&self, pause: Duration) -> Woken {
        self.wait_until(Instant::now().checked_add(pause))
    }

    /// Waits until somebody wants something.
    pub(super) fn rest(&self) -> Woken {
        self.wait_until(None)
    }

    fn wait_until(&self, end: Option<Instant>) -> Woken {
        let mut wishes = self.lock();
        loop {
            if wishes.stop {
                return Woken::Stop;
            }
            if wishes.restart {
                return Woken::Restart;
            }
            let Some(end) = end else {
                wishes = self.changed.wait(wishes).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Woken::TimeUp;
            }
            (wishes, _) = self.changed.wait_timeout(wishes, left).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn wish(&self, wish: impl FnOnce(&mut Wishes)) {
        let mut wishes = self.lock();
        wish(&mut wishes);
        wishes.attempt.set();
        self.changed.notify_all();
    }

    /// Nothing panics while it holds the lock, and the flags are sound at every moment.
    fn lock(&self) -> MutexGuard<'_, Wishes> {
        self.wishes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_ends_the_attempt_and_the_pause_after_it() {
        let control = Control::default();
        let attempt = control.begin_attempt().unwrap();
        assert!(!attempt.is_set());
        assert_eq!(control.pause(Duration::from_millis(1)), Woken::TimeUp);
        control.restart();
        assert!(attempt.is_set());
        assert_eq!(control.pause(Duration::MAX), Woken::Restart);
        assert!(!control.begin_attempt().unwrap().is_set());
        assert_eq!(control.pause(Duration::ZERO), Woken::TimeUp);
        control.restart();
        control.stop();
        assert_eq!(control.rest(), Woken::Stop);
        assert!(control.begin_attempt().is_none());
    }
}

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::event::{EventfdFlags, eventfd};

use super::faults::{Counters, Faults};

/// For the thread to carry an order out.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the thread is to do.
#[derive(Clone, Copy, Default)]
pub(super) struct Orders {
    pub(super) faults: Faults,
    pub(super) reset: bool,
    pub(super) quit: bool,
    number: u64,
}

#[derive(Default)]
struct State {
    orders: Orders,
    done: u64,
    /// Why the last order could not be carried out.
    failure: Option<io::Error>,
    counters: Counters,
}

/// Between the handle of a proxy and its thread.
pub(super) struct Control {
    state: Mutex<State>,
    changed: Condvar,
    wake: OwnedFd,
}

impl Control {
    pub(super) fn new() -> io::Result<Self> {
        let wake = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Self { state: Mutex::default(), changed: Condvar::new(), wake })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is whole between any two statements.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives an order and waits until it holds.
    pub(super) fn order(&self, change: impl FnOnce(&mut Orders)) -> io::Result<()> {
        let mut state = self.lock();
        change(&mut state.orders);
        state.orders.number += 1;
        let number = state.orders.number;
        self.ring();
        let waited =
            self.changed.wait_timeout_while(state, PATIENCE, |state| state.done < number && !state.orders.quit);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match state.failure.take() {
            Some(failure) => Err(failure),
            None if state.done < number && !state.orders.quit => Err(io::ErrorKind::TimedOut.into()),
            None => Ok(()),
        }
    }

    pub(super) fn faults(&self) -> Faults {
        self.lock().orders.faults
    }

    pub(super) fn counters(&self) -> Counters {
        self.lock().counters
    }

    fn ring(&self) {
        // Fails only when the thread has been woken 2^64 times without looking.
        let _ = rustix::io::write(&self.wake, &1_u64.to_ne_bytes());
    }

    // For the thread.

    pub(super) fn wake_socket(&self) -> BorrowedFd<'_> {
        self.wake.as_fd()
    }

    pub(super) fn hear(&self) {
        // Nothing to read is fine too.
        let _ = rustix::io::read(&self.wake, &mut [0; 8]);
    }

    pub(super) fn orders(&self) -> Orders {
        let mut state = self.lock();
        let orders = state.orders;
        state.orders.reset = false;
        orders
    }

    pub(super) fn done(&self, orders: &Orders, obeyed: io::Result<()>) {
        let mut state = self.lock();
        if let Err(failure) = obeyed {
            state.failure = Some(failure);
        }
        state.done = orders.number;
        self.changed.notify_all();
    }

    pub(super) fn publish(&self, counters: Counters) {
        self.lock().counters = counters;
    }
}

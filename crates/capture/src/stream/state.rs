use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use gstreamer::prelude::*;
use gstreamer::{Pipeline, State, StateChangeError, StateChangeSuccess};

use crate::Interrupt;

/// Longest time in which an interrupt goes unnoticed.
const GLANCE: Duration = Duration::from_millis(50);

/// How long a pipeline gets to be taken apart.
const LAST_PATIENCE: Duration = Duration::from_millis(700);

/// Changes the state of a pipeline on a thread that can be left behind: drivers of devices that are gone are known to
/// keep it for ever. `None` where it took longer than the patience, or where it was interrupted.
pub(super) fn change(
    pipeline: &Pipeline,
    state: State,
    patience: Duration,
    interrupt: &Interrupt,
) -> Option<Result<StateChangeSuccess, StateChangeError>> {
    let (done, result) = mpsc::sync_channel(1);
    let own = pipeline.clone();
    let work = move || {
        let changed = own.set_state(state);
        drop(own);
        // Nobody waits any more where this took too long.
        done.send(changed).ok();
    };
    if thread::Builder::new().name("pipeline state".to_owned()).spawn(work).is_err() {
        return Some(pipeline.set_state(state));
    }
    let begin = Instant::now();
    loop {
        match result.recv_timeout(GLANCE) {
            Ok(changed) => return Some(changed),
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) if interrupt.is_set() || begin.elapsed() > patience => return None,
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// Takes a pipeline apart; one that does not let itself be taken apart in time is left behind.
pub(super) fn put_away(pipeline: &Pipeline) {
    // Nothing can be done about a pipeline that does not stop, and nothing more is asked of it.
    change(pipeline, State::Null, LAST_PATIENCE, &Interrupt::default());
}

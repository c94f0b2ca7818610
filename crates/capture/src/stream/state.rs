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

#[cfg(test)]
mod tests {
    use std::fs::File;

    use gstreamer::ElementFactory;

    use super::*;

    /// Opening a pipe without a writer blocks, as the devices of some drivers do.
    #[test]
    fn a_pipeline_that_blocks_is_left_behind() {
        gstreamer::init().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let pipeline = Pipeline::new();
        let source = ElementFactory::make("filesrc").property("location", pipe.to_str().unwrap()).build().unwrap();
        let sink = ElementFactory::make("fakesink").build().unwrap();
        pipeline.add_many([&source, &sink]).unwrap();
        source.link(&sink).unwrap();

        let begin = Instant::now();
        let patience = Duration::from_millis(200);
        assert!(change(&pipeline, State::Playing, patience, &Interrupt::default()).is_none());
        let interrupt = Interrupt::default();
        interrupt.set();
        assert!(change(&pipeline, State::Null, Duration::MAX, &interrupt).is_none());
        put_away(&pipeline);
        assert!(begin.elapsed() < Duration::from_secs(3), "{:?}", begin.elapsed());

        // Lets the threads go on, which hold the pipeline: it opens, and reads the end at once.
        drop(File::options().write(true).open(&pipe).unwrap());
        change(&pipeline, State::Null, Duration::from_secs(20), &Interrupt::default()).unwrap().unwrap();
    }
}

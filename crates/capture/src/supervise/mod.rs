//! Sources that are kept running for weeks.

mod backoff;
mod control;
mod stats;
mod timeline;
mod verdict;
mod worker;

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use maskd_types::{Frame, StreamStatus};

use crate::{CaptureError, CaptureOptions, Source};
use backoff::Backoff;
use control::Control;
use stats::Ledger;
pub use stats::SupervisorStats;
use timeline::Timeline;
use worker::Worker;

/// Opens the source anew; called on the source's thread for every attempt.
///
/// Its waits must end when the interrupt of the options is set.
pub type Opener = Box<dyn FnMut(&CaptureOptions) -> Result<Box<dyn Source>, CaptureError> + Send>;

/// Takes what comes out of a supervised source; called on the source's thread.
///
/// It may block: files wait for it, and a live source goes on with its newest frame then.
pub type Deliver = Box<dyn FnMut(Delivery) + Send>;

/// What comes out of a supervised source.
#[derive(Debug)]
pub enum Delivery {
    /// The next frame. Numbers count from 0 without a gap and times rise, over reconnects and repetitions too.
    Frame(Frame),
    /// The source has changed its state.
    Status(StreamStatus),
}

/// How a source is kept running.
#[derive(Clone, Debug)]
pub struct SupervisorConfig {
    /// How it is opened, and for how long it may be silent. The interrupt in it is replaced for every attempt.
    pub capture: CaptureOptions,
    /// Whether a file starts again at its end.
    pub repeat: bool,
    /// Upper limit of the first pause after a failure; it doubles from attempt to attempt.
    pub first_backoff: Duration,
    /// Upper limit of every pause after a failure.
    pub longest_backoff: Duration,
    /// How long frames must have come without a failure for the next pause to be a first one again, and no shorter than the pause
    /// before them.
    pub healthy_after: Duration,
    /// Pause after user and password were refused, within 10 %: cameras lock accounts out that try too often.
    pub auth_retry: Duration,
}

impl Default for SupervisorConfig {
    fn default() -> Self {
        Self {
            capture: CaptureOptions { stall_timeout: Duration::from_secs(3), ..CaptureOptions::default() },
            repeat: false,
            first_backoff: Duration::from_millis(500),
            longest_backoff: Duration::from_secs(30),
            healthy_after: Duration::from_secs(10),
            auth_retry: Duration::from_secs(300),
        }
    }
}

/// Runs a source on a thread of its own for as long as the returned value lives: opens it, watches its progress and
/// builds it anew after every failure.
///
/// States go `connecting -> live -> stalled -> backoff -> live`, without `stalled` where the failure is a loud one. A
/// stream stays in `backoff` until frames come again, however many attempts that takes. `auth_failed` stands for refused
/// credentials, `ended` for a file that has been played and for sources that can never work; an ended source waits for
/// [`restart`](Supervisor::restart). Each state is told once, when it is entered.
///
/// # Errors
/// Where the system has no thread left.
pub fn supervise(stream: Arc<str>, open: Opener, policy: SupervisorConfig, deliver: Deliver) -> io::Result<Supervisor> {
    let (control, ledger) = (Arc::new(Control::default()), Arc::new(Ledger::new()));
    // A thread's name cannot hold what ends a text in C.
    let name = format!("source {stream}").replace('\0', "");
    let worker = Worker {
        stream,
        open,
        backoff: Backoff::new(policy.first_backoff, policy.longest_backoff),
        policy,
        deliver,
        control: control.clone(),
        ledger: ledger.clone(),
        timeline: Timeline::default(),
        state: None,
        live_since: None,
        has_lived: false,
    };
    let thread = thread::Builder::new().name(name).spawn(|| worker.run())?;
    Ok(Supervisor { control, ledger, thread: Some(thread) })
}

/// A source that is kept running. Dropping it stops the source and waits for its thread.
pub struct Supervisor {
    control: Arc<Control>,
    ledger: Arc<Ledger>,
    thread: Option<JoinHandle<()>>,
}

impl Supervisor {
    /// Asks the source to stop and does not wait for it; its last words are the state `ended`.
    ///
    /// Its thread ends within a second, also while a camera hangs, but not before [`Deliver`] returns.
    pub fn stop(&self) {
        self.control.stop();
    }

    /// Takes the source apart and opens it anew at once, whatever state it is in; pauses start small again.
    pub fn restart(&self) {
        self.control.restart();
    }

    /// What it has done so far.
    pub fn stats(&self) -> SupervisorStats {
        self.ledger.read()
    }

    /// Whether its thread has ended.
    pub fn is_finished(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.control.stop();
        if let Some(thread) = self.thread.take() {
            // A panic of `Deliver` has been reported by its own thread.
            thread.join().ok();
        }
    }
}

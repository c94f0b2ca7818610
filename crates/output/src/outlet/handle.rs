use std::sync::Arc;
use std::thread;
use std::time::Instant;

use maskd_types::{Notice, TrackedFrame};

use super::shared::Shared;
use super::worker::Worker;
use super::{OutletConfig, OutletState, OutletStats};
use crate::{OutputError, Sink};

/// Makes a sink, the first time and after each failure. It runs on the outlet's thread and may take its time.
pub type MakeSink = Box<dyn FnMut() -> Result<Box<dyn Sink>, OutputError> + Send>;

/// A sink on a thread of its own, behind a bounded queue. See the [module](super).
pub struct Outlet {
    name: String,
    shared: Arc<Shared>,
}

/// How an outlet ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Everything that waited was written and the sink was finished, or there was no working sink to write to.
    Drained,
    /// The sink was still busy at the deadline; its thread is left behind.
    Stuck {
        /// Frames and notices that were never written, besides the one that the sink is stuck with.
        left: usize,
    },
}

impl Outlet {
    /// Starts the thread, which makes the sink at once. `report` is called on that thread whenever the state changes: not
    /// for every failed attempt, only for the first of an outage.
    ///
    /// # Errors
    /// [`OutputError::Thread`] where the system has no thread left.
    pub fn start(
        config: OutletConfig,
        make: MakeSink,
        report: impl Fn(&OutletState) + Send + 'static,
    ) -> Result<Self, OutputError> {
        let shared = Arc::new(Shared::new(&config));
        let worker = Worker { shared: shared.clone(), make, report: Box::new(report), retry: config.retry };
        thread::Builder::new()
            .name(config.name.clone())
            .spawn(|| worker.run())
            .map_err(|source| OutputError::Thread { name: config.name.clone(), source })?;
        Ok(Self { name: config.name, shared })
    }

    /// What the outlet is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Hands a frame over and returns at once; only [`super::Policy::Block`] may wait, as long as it says.
    pub fn offer(&self, frame: Arc<TrackedFrame>) {
        self.shared.offer(frame);
    }

    /// Hands a notice over and returns at once. It keeps its place among the frames of its stream.
    ///
    /// While there is no working sink, what happens to objects waits and states of streams do not: a sink that has been
    /// made anew is first told the last state of every stream.
    pub fn notice(&self, notice: Notice) {
        self.shared.notice(notice);
    }

    /// Counters, depth and state at this moment.
    pub fn stats(&self) -> OutletStats {
        self.shared.stats()
    }

    /// Takes nothing more and lets the thread write what waits. Several outlets can be told before any is waited for.
    pub fn close(&self) {
        self.shared.close();
    }

    /// [Closes](Self::close) the outlet and waits until everything is written, until the deadline at most. A sink that is
    /// stuck then keeps its thread, which ends when the sink returns, or with the process.
    pub fn stop(self, deadline: Instant) -> Stopped {
        self.shared.close();
        if self.shared.wait_for_end(deadline) {
            return Stopped::Drained;
        }
        Stopped::Stuck { left: self.shared.abandon() }
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        self.shared.close();
    }
}

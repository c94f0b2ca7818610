//! SIGTERM and SIGINT: the first drains, the second ends at once. SIGHUP reads the configuration anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::SIGHUP;
use signal_hook::flag;

use crate::exit::{Code, Failure};
use crate::signals::Stop;

/// What others want of the process.
pub struct Wishes {
    stop: Stop,
    reload: Arc<AtomicBool>,
}

impl Wishes {
    /// Takes the signals over.
    ///
    /// # Errors
    /// Where the system does not let it.
    pub fn listen() -> Result<Self, Failure> {
        let (stop, reload) = (Stop::on_signals()?, Arc::new(AtomicBool::new(false)));
        flag::register(SIGHUP, Arc::clone(&reload)).map_err(|error| {
            let error = anyhow::Error::new(error).context("SIGHUP cannot be handled");
            Failure::new(Code::RunTime, error, "run it where a process may set signal handlers")
        })?;
        Ok(Self { stop, reload })
    }

    /// Whether the process is to end.
    pub fn stop(&self) -> bool {
        self.stop.is_set()
    }

    /// Whether the configuration is to be read anew; true once for each wish.
    pub fn take_reload(&self) -> bool {
        self.reload.swap(false, Ordering::Relaxed)
    }
}

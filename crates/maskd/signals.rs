//! Ctrl-C and SIGTERM: the first asks the run to end well, the second ends it at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::TERM_SIGNALS;
use signal_hook::flag;

use crate::exit::{Code, Failure};

/// Whether somebody asked the program to stop.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Takes over SIGINT, SIGTERM and SIGQUIT.
    ///
    /// # Errors
    /// Where the system does not let it.
    pub fn on_signals() -> Result<Self, Failure> {
        let stop = Self::default();
        stop.listen().map_err(|error| {
            let error = anyhow::Error::new(error).context("signals cannot be handled");
            Failure::new(Code::RunTime, error, "run it where a process may set signal handlers")
        })?;
        Ok(stop)
    }

    /// Whether a signal has come.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The flag itself, for those who poll.
    pub fn flag(&self) -> &AtomicBool {
        &self.0
    }

    fn listen(&self) -> std::io::Result<()> {
        for &signal in TERM_SIGNALS {
            // In this order: the first signal finds the flag down and raises it, the second finds it up.
            flag::register_conditional_shutdown(signal, Code::RunTime as i32, Arc::clone(&self.0))?;
            flag::register(signal, Arc::clone(&self.0))?;
        }
        Ok(())
    }
}

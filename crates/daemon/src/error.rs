use std::io;
use std::path::PathBuf;

use maskd_output::OutputError;
use maskd_tracker::TrackerError;

/// Why the daemon cannot start, or had to end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DaemonError {
    /// The device does not do what it is told, or not any more.
    #[error("the tracker cannot go on: its device failed")]
    Device(#[source] TrackerError),
    /// A part of the program panicked.
    #[error("{part} stopped because of a bug")]
    Bug {
        /// Which part.
        part: &'static str,
    },
    /// A thread could not be started.
    #[error("the thread for {part} cannot be started")]
    Thread {
        /// What it was for.
        part: String,
        /// What the system said.
        source: io::Error,
    },
    /// A sink could not be set up at all.
    #[error("the sink {name} cannot be started")]
    Sink {
        /// Its name.
        name: String,
        /// Why.
        source: OutputError,
    },
    /// This build has no such kind of sink.
    #[error("the sink {name} is of kind {kind}, which this build of maskd does not have")]
    NoSuchSink {
        /// Its name.
        name: String,
        /// Its kind.
        kind: &'static str,
    },
    /// A secret that the configuration names is not in the environment.
    #[error("the secrets of the configuration cannot be found")]
    Secrets(#[source] maskd_config::ConfigErrors),
    /// The state directory cannot be used.
    #[error("the state in {} cannot be used", path.display())]
    State {
        /// The file or directory.
        path: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
}

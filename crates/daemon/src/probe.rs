//! Whether what a configuration names is there, tried one by one and without tracking anything.

use std::path::Path;
use std::time::Duration;

use maskd_capture::{CaptureError, CaptureOptions};
use maskd_config::{Credentials, SinkConfig, StreamConfig};
use maskd_output::OutputError;
use maskd_types::SourceInfo;

use crate::state::StateDirectory;
use crate::{DaemonError, sinks, source};

/// How long a camera may take to show its first frame.
const PATIENCE: Duration = Duration::from_secs(10);

/// Opens a stream's source and waits for its first frame.
///
/// # Errors
/// As [`maskd_capture::open`].
pub fn try_stream(config: &StreamConfig, credentials: &Credentials) -> Result<SourceInfo, CaptureError> {
    let options = CaptureOptions { open_timeout: PATIENCE, ..source::capture_options(config, credentials) };
    Ok(source::open(&config.source, &options)?.info().clone())
}

/// Makes a sink and takes it apart again; what it writes to is opened, or connected to.
///
/// # Errors
/// [`OutputError`], or [`DaemonError::NoSuchSink`].
pub fn try_sink(config: &SinkConfig, credentials: &Credentials) -> Result<Result<(), OutputError>, DaemonError> {
    let mut make = sinks::maker(config, credentials)?;
    Ok(make().and_then(|mut sink| sink.finish()))
}

/// Makes the state directory where it is missing, and writes into it.
///
/// # Errors
/// [`DaemonError::State`]
pub fn try_state(path: &Path) -> Result<(), DaemonError> {
    StateDirectory::open(path, String::new()).map(drop)
}

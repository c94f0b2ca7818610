use re_log_types::LogMsg;

use super::batch::FULL;
use super::rrd_file::RrdFile;
use super::viewer::Viewer;
use super::{RerunConfig, RerunTarget};
use crate::OutputError;

/// A file or a viewer that is there.
pub(super) enum Target {
    File(RrdFile),
    Viewer(Viewer),
}

impl Target {
    pub(super) fn open(config: &RerunConfig) -> Result<Self, OutputError> {
        match &config.target {
            RerunTarget::File(path) => Ok(Self::File(RrdFile::open(path)?)),
            RerunTarget::Viewer(address) => Ok(Self::Viewer(Viewer::connect(address, config.patience)?)),
        }
    }

    pub(super) fn send(&mut self, message: &LogMsg) -> Result<(), OutputError> {
        match self {
            Self::File(file) => file.write(message),
            Self::Viewer(viewer) => viewer.send(message),
        }
    }

    /// Begins a file anew that has its half of the quota; whether it did.
    pub(super) fn make_room(self, quota: u64) -> Result<(Self, bool), OutputError> {
        match self {
            Self::File(file) if file.length().saturating_add(FULL as u64) > quota / 2 => {
                Ok((Self::File(file.renew()?), true))
            }
            other => Ok((other, false)),
        }
    }

    pub(super) fn check(&self) -> Result<(), OutputError> {
        match self {
            Self::File(_) => Ok(()),
            Self::Viewer(viewer) => viewer.check(),
        }
    }

    pub(super) fn finish(mut self) -> Result<(), OutputError> {
        match &mut self {
            Self::File(_) => Ok(()),
            Self::Viewer(viewer) => viewer.finish(),
        }
    }
}

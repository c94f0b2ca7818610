//! What outlives the process: the tracks of every stream, each in a file of its own.
//!
//! A file is written beside its place and renamed into it, so that whatever ends the process leaves either the old or the new one.

mod keeper;
mod record;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use maskd_config::PromptConfig;
use maskd_tracker::SavedTrack;

use crate::DaemonError;

pub(crate) use keeper::Keeper;
pub(crate) use record::StreamRecord;

/// What names of files begin with until they are whole.
const UNFINISHED: &str = "unfinished-";

/// The directory with the files of the streams.
#[derive(Clone, Debug)]
pub(crate) struct StateDirectory {
    path: PathBuf,
    /// Tells models apart: tracks mean something to the model that made them only.
    model: String,
}

impl StateDirectory {
    /// Makes the directory where it is missing, sees whether it can be written, and removes what a run that was killed was writing.
    pub(crate) fn open(path: &Path, model: String) -> Result<Self, DaemonError> {
        let failed = |source| DaemonError::State { path: path.to_owned(), source };
        fs::create_dir_all(path).map_err(failed)?;
        tempfile::tempfile_in(path).map_err(failed)?;
        remove_unfinished(path).map_err(failed)?;
        Ok(Self { path: path.to_owned(), model })
    }

    /// The tracks of a stream that an earlier run left behind, of the objects about which the configuration says the same as then.
    /// A file that is no such thing is reported and left alone.
    pub(crate) fn load(&self, stream: &str, prompts: &[PromptConfig]) -> Vec<SavedTrack> {
        let path = self.file(stream);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                tracing::warn!(stream, path = %path.display(), %error, "saved tracks cannot be read");
                return Vec::new();
            }
        };
        match record::decode(&bytes, &self.model, prompts) {
            Ok(tracks) => tracks,
            Err(error) => {
                tracing::warn!(stream, path = %path.display(), %error, "saved tracks are not taken back");
                Vec::new()
            }
        }
    }

    fn store(&self, record: &StreamRecord) -> io::Result<()> {
        let bytes = record::encode(record, &self.model).map_err(io::Error::other)?;
        let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(&self.path)?;
        file.write_all(&bytes)?;
        file.as_file().sync_all()?;
        file.persist(self.file(&record.stream)).map_err(|error| error.error)?;
        Ok(())
    }

    /// Names of streams are checked by the configuration: letters, digits, `_` and `-`.
    fn file(&self, stream: &str) -> PathBuf {
        self.path.join(format!("{stream}.tracks"))
    }
}

fn remove_unfinished(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;

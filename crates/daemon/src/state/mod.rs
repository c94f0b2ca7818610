//! What outlives the process: the tracks of every stream, each in a file of its own.
//!
//! A file is written beside its place and renamed into it, so that whatever ends the process leaves either the old or the new one.

mod keeper;
mod record;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use maskd_config::PromptConfig;
use maskd_types::ObjectId;

use crate::DaemonError;
use crate::control::NamedTrack;

pub(crate) use keeper::Keeper;
pub(crate) use record::{RecordError, StreamRecord, encode as tracks_file};

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
    pub(crate) fn load(&self, stream: &str, prompts: &[PromptConfig]) -> Vec<NamedTrack> {
        let path = self.file(stream);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                tracing::warn!(stream, path = %path.display(), %error, "saved tracks cannot be read");
                return Vec::new();
            }
        };
        match record::decode(&bytes, &self.model) {
            Ok((tracks, then)) => still_meant(tracks, &then, prompts),
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

/// The tracks in the bytes of a file, whatever the configuration said when it was written.
pub(crate) fn read_tracks(bytes: &[u8], model: &str) -> Result<Vec<NamedTrack>, RecordError> {
    record::decode(bytes, model).map(|(tracks, _)| tracks)
}

/// Those of which the configuration says `now` what it said `then`.
fn still_meant(tracks: Vec<NamedTrack>, then: &[PromptConfig], now: &[PromptConfig]) -> Vec<NamedTrack> {
    let about = |prompts: &[PromptConfig], object: ObjectId| -> Vec<PromptConfig> {
        prompts.iter().filter(|prompt| prompt.object == object).cloned().collect()
    };
    let same = |track: &NamedTrack| about(then, track.track.object) == about(now, track.track.object);
    tracks.into_iter().filter(same).collect()
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

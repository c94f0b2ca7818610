use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use re_log_encoding::{CrateVersion, EncodeError, Encoder, EncodingOptions, StreamHeader};
use re_log_types::LogMsg;

use super::whole::whole_length;
use crate::OutputError;

/// A file of messages without an index: one would grow in memory for as long as the file is open.
pub(super) struct RrdFile {
    path: PathBuf,
    /// Writes straight to the file: a message that was written outlives the process.
    encoder: Option<Encoder<File>>,
    /// Length of the file up to the last whole message.
    whole: u64,
}

impl RrdFile {
    pub(super) fn open(path: &Path) -> Result<Self, OutputError> {
        let (file, end) = open(path).map_err(|source| OutputError::Create { path: path.to_owned(), source })?;
        let encoder = Encoder::new_eager(CrateVersion::LOCAL, EncodingOptions::PROTOBUF_COMPRESSED, file);
        let mut encoder = encoder.map_err(|error| failed(path, error))?;
        encoder.do_not_emit_footer();
        let whole = end + StreamHeader::ENCODED_SIZE_BYTES as u64;
        Ok(Self { path: path.to_owned(), encoder: Some(encoder), whole })
    }

    /// Length up to the last whole message.
    pub(super) fn length(&self) -> u64 {
        self.whole
    }

    /// Puts the file aside, in place of the one that was put aside before, and begins another.
    pub(super) fn renew(self) -> Result<Self, OutputError> {
        let path = self.path.clone();
        drop(self);
        fs::rename(&path, aside(&path)).map_err(|source| OutputError::Create { path: path.clone(), source })?;
        Self::open(&path)
    }

    pub(super) fn write(&mut self, message: &LogMsg) -> Result<(), OutputError> {
        let Some(encoder) = &mut self.encoder else { return Err(OutputError::Closed { path: self.path.clone() }) };
        match encoder.append(message) {
            Ok(bytes) => {
                self.whole += bytes;
                Ok(())
            }
            Err(error) => {
                self.cut();
                Err(failed(&self.path, error))
            }
        }
    }

    /// Takes a torn message away. Where that fails too, whoever continues the file does it.
    fn cut(&mut self) {
        if let Some(Ok(file)) = self.encoder.take().map(Encoder::into_inner) {
            let _ = file.set_len(self.whole);
        }
    }
}

/// The file, ready to be continued, and its length.
fn open(path: &Path) -> io::Result<(File, u64)> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    // Another writer would be cut off in the middle of a message. The lock goes with the file, or with the process.
    file.try_lock()?;
    let end = whole_length(&mut file)?;
    file.set_len(end)?;
    file.seek(SeekFrom::Start(end))?;
    Ok((file, end))
}

/// `run.old.rrd` of `run.rrd`.
fn aside(path: &Path) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(".old");
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

fn failed(path: &Path, error: EncodeError) -> OutputError {
    match error {
        EncodeError::Write(source) => OutputError::Write { path: path.to_owned(), source },
        error => OutputError::Rerun(Box::new(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_aside_keeps_its_ending() {
        let name = |path: &str| aside(Path::new(path)).to_str().unwrap().to_owned();
        assert_eq!(name("/a/run.rrd"), "/a/run.old.rrd");
        assert_eq!(name("b.c/run"), "b.c/run.old");
    }
}

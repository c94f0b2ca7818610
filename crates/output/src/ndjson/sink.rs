use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use maskd_types::TrackedFrame;

use super::NdjsonConfig;
use super::line::line;
use crate::{OutputError, Sink};

/// Writes every frame as a line of JSON.
pub struct NdjsonSink {
    name: String,
    path: PathBuf,
    target: Target,
    closed: bool,
}

enum Target {
    Standard,
    /// A file, and how many bytes of whole lines it holds.
    File(File, u64),
    Other(Box<dyn Write + Send>),
}

impl NdjsonSink {
    /// Opens the file, or standard output.
    ///
    /// # Errors
    /// [`OutputError::Create`] where the file cannot be made.
    pub fn create(config: &NdjsonConfig) -> Result<Self, OutputError> {
        let path = &config.path;
        let target = if path == Path::new("-") {
            Target::Standard
        } else {
            let file = File::create(path).map_err(|source| OutputError::Create { path: path.clone(), source })?;
            Target::File(file, 0)
        };
        Ok(Self::new(path.clone(), target))
    }

    /// Lines to any writer, a socket for example; `name` is what messages call it.
    pub fn to_writer(name: &str, writer: impl Write + Send + 'static) -> Self {
        Self::new(PathBuf::from(name), Target::Other(Box::new(writer)))
    }

    fn new(path: PathBuf, target: Target) -> Self {
        Self { name: format!("ndjson {}", path.display()), path, target, closed: false }
    }

    fn failed(&mut self, source: io::Error) -> OutputError {
        self.closed = true;
        OutputError::Write { path: self.path.clone(), source }
    }
}

impl Sink for NdjsonSink {
    fn name(&self) -> &str {
        &self.name
    }

    fn write(&mut self, frame: &TrackedFrame) -> Result<(), OutputError> {
        if self.closed {
            return Err(OutputError::Closed { path: self.path.clone() });
        }
        let text = line(frame)?;
        self.target.write(text.as_bytes()).map_err(|source| self.failed(source))
    }

    fn finish(&mut self) -> Result<(), OutputError> {
        if std::mem::replace(&mut self.closed, true) {
            return Ok(());
        }
        self.target.flush().map_err(|source| self.failed(source))
    }
}

impl Target {
    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        match self {
            Self::Standard => {
                let mut output = io::stdout().lock();
                output.write_all(line)?;
                output.flush()
            }
            Self::File(file, whole) => {
                let written = file.write_all(line);
                match written {
                    Ok(()) => *whole += line.len() as u64,
                    // Takes half a line back, so that all that is left is lines. A pipe cannot be cut; there the reader
                    // sees the line unfinished.
                    Err(_) => drop(file.set_len(*whole)),
                }
                written
            }
            Self::Other(writer) => {
                writer.write_all(line)?;
                writer.flush()
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Standard => io::stdout().flush(),
            Self::File(file, _) => file.flush(),
            Self::Other(writer) => writer.flush(),
        }
    }
}

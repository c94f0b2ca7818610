use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use maskd_types::{Notice, TrackedFrame};

use super::line::{frame_line, notice_line};
use super::socket::Socket;
use super::tail::cut_torn_line;
use super::{NdjsonConfig, SocketAddress};
use crate::message::MessageForm;
use crate::{OutputError, Sink};

/// Writes every frame and every notice as a line of JSON to one place.
pub struct NdjsonSink {
    name: String,
    path: PathBuf,
    target: Target,
    form: MessageForm,
    closed: bool,
}

enum Target {
    Standard,
    /// A file, and how many bytes of whole lines it holds.
    File(File, u64),
    /// A socket, and how long it may take a line.
    Socket(Socket, Duration),
    Other(Box<dyn Write + Send>),
}

impl NdjsonSink {
    /// Opens the file, or standard output.
    ///
    /// # Errors
    /// [`OutputError::Create`] where the file cannot be made or opened.
    pub fn create(config: &NdjsonConfig) -> Result<Self, OutputError> {
        let path = &config.path;
        let target = if path == Path::new("-") {
            Target::Standard
        } else {
            let open = if config.append { extend(path) } else { File::create(path).map(|file| (file, 0)) };
            let (file, whole) = open.map_err(|source| OutputError::Create { path: path.clone(), source })?;
            Target::File(file, whole)
        };
        Ok(Self::new(path.clone(), target, config.form))
    }

    /// Connects to a socket that someone else listens on. A line must be taken within `deadline`.
    ///
    /// # Errors
    /// [`OutputError::Create`] where nobody listens.
    pub fn connect(address: &SocketAddress, form: MessageForm, deadline: Duration) -> Result<Self, OutputError> {
        let path = PathBuf::from(address.to_string());
        let socket = Socket::connect(address).map_err(|source| OutputError::Create { path: path.clone(), source })?;
        Ok(Self::new(path, Target::Socket(socket, deadline), form))
    }

    /// Lines to any writer; `name` is what messages call it.
    pub fn to_writer(name: &str, writer: impl Write + Send + 'static) -> Self {
        Self::new(PathBuf::from(name), Target::Other(Box::new(writer)), MessageForm::default())
    }

    fn new(path: PathBuf, target: Target, form: MessageForm) -> Self {
        Self { name: format!("ndjson {}", path.display()), path, target, form, closed: false }
    }

    fn put(&mut self, line: &str) -> Result<(), OutputError> {
        self.target.write(line.as_bytes()).map_err(|source| self.failed(source))
    }

    fn open(&self) -> Result<(), OutputError> {
        if self.closed { Err(OutputError::Closed { path: self.path.clone() }) } else { Ok(()) }
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
        self.open()?;
        self.put(&frame_line(frame, self.form)?)
    }

    fn notice(&mut self, notice: &Notice) -> Result<(), OutputError> {
        self.open()?;
        self.put(&notice_line(notice)?)
    }

    fn finish(&mut self) -> Result<(), OutputError> {
        if std::mem::replace(&mut self.closed, true) {
            return Ok(());
        }
        self.target.flush().map_err(|source| self.failed(source))
    }
}

/// Opens a file to add lines to it, and says how many bytes of whole lines it holds.
fn extend(path: &Path) -> io::Result<(File, u64)> {
    let special = fs::metadata(path).is_ok_and(|metadata| !metadata.is_file());
    // A pipe or a device cannot be read back, and has no torn line.
    let mut file = File::options().read(!special).write(true).create(true).truncate(false).open(path)?;
    let whole = if special { 0 } else { cut_torn_line(&mut file)? };
    Ok((file, whole))
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
            Self::Socket(socket, deadline) => socket.write_within(line, *deadline),
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
            // What was written is the system's to deliver.
            Self::Socket(..) => Ok(()),
            Self::Other(writer) => writer.flush(),
        }
    }
}

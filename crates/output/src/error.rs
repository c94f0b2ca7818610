use std::io;
use std::path::PathBuf;

use maskd_pipeline::PipelineError;

/// Why something could not be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// A file or directory could not be made.
    #[error("{} cannot be created: {source}", path.display())]
    Create {
        /// The file or directory.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file, or standard output (`-`), takes no more.
    #[error("{} cannot be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A picture does not become a PNG.
    #[error("{} cannot be encoded: {source}", path.display())]
    Png {
        /// The file.
        path: PathBuf,
        /// What is wrong with the picture.
        source: png::EncodingError,
    },
    /// A result does not become JSON.
    #[error("a frame cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A mask image has 8 bits per pixel.
    #[error("object {id} cannot be written to mask images: their pixels hold ids up to 255; give it a smaller id")]
    LargeId {
        /// The object.
        id: u32,
    },
    /// A mask is not of its frame's size.
    #[error("the mask of object {id} has {}x{} pixels, its frame {}x{}", mask[0], mask[1], frame[0], frame[1])]
    MaskSize {
        /// The object.
        id: u32,
        /// Width and height of the mask.
        mask: [u32; 2],
        /// Width and height of the frame.
        frame: [u32; 2],
    },
    /// A path that GStreamer cannot be told.
    #[error("the video path {} is not valid UTF-8; choose another name", path.display())]
    PathEncoding {
        /// The path.
        path: PathBuf,
    },
    /// GStreamer does not start.
    #[error("GStreamer cannot be initialised: {0}")]
    Gstreamer(#[source] gstreamer::glib::Error),
    /// An element is not installed.
    #[error("the GStreamer element {factory} is missing: install the Debian package {package}")]
    MissingElement {
        /// The element's factory.
        factory: String,
        /// The Debian package that has it.
        package: &'static str,
    },
    /// The encoder's built-in description does not fit the installed GStreamer.
    #[error("the encoder cannot be set up: {0}")]
    Description(#[source] PipelineError),
    /// An element of the encoder failed.
    #[error("{} cannot be encoded: {element} says: {source}{}", path.display(), detail(debug))]
    Encoder {
        /// The video.
        path: PathBuf,
        /// The element's name.
        element: String,
        /// What it says.
        source: gstreamer::glib::Error,
        /// What it says to developers; may be empty.
        debug: String,
    },
    /// The encoder takes no more frames, and no element says why.
    #[error("{} cannot be encoded: the encoder takes no more frames", path.display())]
    Refused {
        /// The video.
        path: PathBuf,
        /// GStreamer's word for it.
        source: gstreamer::FlowError,
    },
    /// The encoder stopped working without saying why.
    #[error("{} cannot be encoded: nothing has moved for {seconds} seconds", path.display())]
    Stalled {
        /// The video.
        path: PathBuf,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The sink failed before, or was finished.
    #[error("{} is closed: it takes no more frames", path.display())]
    Closed {
        /// The output.
        path: PathBuf,
    },
    /// A file that is needed cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A broker cannot be reached, refuses, or broke the connection.
    #[error("{broker}: {source}")]
    Broker {
        /// The broker's address.
        broker: String,
        /// What the client says.
        source: Box<rumqttc::ConnectionError>,
    },
    /// A broker is there and does nothing.
    #[error("{broker} has not answered for {seconds} seconds")]
    BrokerSilent {
        /// The broker's address.
        broker: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// A topic that brokers refuse, or that streams would fight over.
    #[error(
        "the topic {topic:?} cannot be used: topics have 1 to 1024 bytes without + and #, and only the status of the \
         daemon goes without {{stream}}"
    )]
    Topic {
        /// The topic.
        topic: String,
    },
    /// An address that is none.
    #[error("{found:?} is no place to write to: give {accepted}")]
    Address {
        /// What was given.
        found: String,
        /// What would be accepted.
        accepted: &'static str,
    },
    /// Zenoh refuses something.
    #[cfg(feature = "zenoh")]
    #[error("Zenoh {what}: {source}")]
    Zenoh {
        /// What it cannot do.
        what: &'static str,
        /// What it says.
        source: zenoh::Error,
    },
    /// A sink's own code panicked.
    #[error("the sink failed inside: {message}; please report this")]
    Panicked {
        /// What the panic says.
        message: String,
    },
    /// No thread could be started.
    #[error("the thread of {name} cannot be started: {source}")]
    Thread {
        /// What the thread is for.
        name: String,
        /// The system's reason.
        source: io::Error,
    },
    /// The RTSP server has no place to listen at.
    #[error("cannot listen on {address}: {source}; choose another port, or end what uses this one")]
    Listen {
        /// Address and port.
        address: std::net::SocketAddr,
        /// What GLib says.
        source: gstreamer::glib::Error,
    },
    /// There is less room on the disk than is to stay free.
    #[error("{} has {free} bytes left and recordings need {needed}: make room, or lower the reserve", path.display())]
    NoRoom {
        /// The directory of the recordings.
        path: PathBuf,
        /// Bytes that may still be written to its file system.
        free: u64,
        /// The reserve, and what a recording needs to begin.
        needed: u64,
    },
    /// A result does not become Rerun's data.
    #[cfg(feature = "rerun")]
    #[error("a frame cannot be written for Rerun: {0}")]
    Rerun(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A viewer cannot be reached, or has gone.
    #[cfg(feature = "rerun")]
    #[error("{viewer}: {}", with_causes(source.as_ref()))]
    Viewer {
        /// The viewer's address.
        viewer: String,
        /// What the connection says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A viewer is there and takes nothing.
    #[cfg(feature = "rerun")]
    #[error("{viewer} has taken nothing for {seconds} seconds")]
    ViewerSilent {
        /// The viewer's address.
        viewer: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// Nothing to make a picture of.
    #[error("a contact sheet needs at least one picture, and cells at least 16 pixels wide")]
    EmptySheet,
}

impl From<PipelineError> for OutputError {
    fn from(error: PipelineError) -> Self {
        match error {
            PipelineError::Missing { factory, package } => Self::MissingElement { factory, package },
            error => Self::Description(error),
        }
    }
}

impl OutputError {
    /// Whether the disk, or the user's share of it, is full.
    pub fn is_disk_full(&self) -> bool {
        match self {
            Self::NoRoom { .. } => true,
            Self::Encoder { source, .. } => source.matches(gstreamer::ResourceError::NoSpaceLeft),
            _ => self
                .io_kind()
                .is_some_and(|kind| matches!(kind, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)),
        }
    }

    /// Whether the reader of a pipe went away, as `head` does when it has seen enough.
    pub fn is_broken_pipe(&self) -> bool {
        self.io_kind() == Some(io::ErrorKind::BrokenPipe)
    }

    fn io_kind(&self) -> Option<io::ErrorKind> {
        match self {
            Self::Create { source, .. } | Self::Write { source, .. } => Some(source.kind()),
            _ => None,
        }
    }
}

fn detail(debug: &str) -> String {
    if debug.is_empty() { String::new() } else { format!(" ({debug})") }
}

/// The connection's own words are no more than "transport error".
#[cfg(feature = "rerun")]
fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}

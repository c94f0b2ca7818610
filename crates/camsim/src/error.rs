use std::io;
use std::path::PathBuf;

use maskd_scene::SceneError;

/// Why a camera or a proxy cannot do what was asked of it.
#[derive(Debug, thiserror::Error)]
pub enum CamsimError {
    /// GStreamer itself does not start.
    #[error("GStreamer cannot be initialised")]
    Initialise(#[source] gstreamer::glib::Error),
    /// An element that the camera is made of is not installed.
    #[error("the GStreamer element `{factory}` is missing: install the package {package}")]
    MissingElement {
        /// Name of the element's factory.
        factory: &'static str,
        /// Debian's package that carries it.
        package: &'static str,
    },
    /// A picture size that the codec cannot carry.
    #[error("{width}x{height} does not go with {codec}: {rule}")]
    Size {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Name of the codec.
        codec: &'static str,
        /// What would be accepted.
        rule: &'static str,
    },
    /// A setting that is out of its range.
    #[error("{name} is {found}: it must be {accepted}")]
    Setting {
        /// Which one.
        name: &'static str,
        /// What was found.
        found: String,
        /// What would be accepted.
        accepted: &'static str,
    },
    /// The scene refuses its settings.
    #[error("the scene cannot be set")]
    Scene(#[from] SceneError),
    /// A video file that cannot be played.
    #[error("cannot play {}: {reason}", .path.display())]
    File {
        /// The path as given.
        path: PathBuf,
        /// What GStreamer says.
        reason: String,
    },
    /// A socket could not be opened or configured.
    #[error("{action} failed")]
    Socket {
        /// What was attempted, with the address.
        action: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A thread could not be started.
    #[error("cannot start the {name} thread")]
    Thread {
        /// What the thread is for.
        name: &'static str,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The thread that serves has ended; only a panic in it does that.
    #[error("the camera's server thread has ended")]
    ServerGone,
    /// The camera's own process is missing, gone or unwilling.
    #[error("the program camsim: {reason}")]
    Process {
        /// What was found.
        reason: String,
    },
    /// A part of the RTSP server library refuses its configuration.
    #[error("the RTSP server: {0}")]
    Server(String),
}

impl CamsimError {
    pub(crate) fn socket(action: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let action = action.into();
        move |source| Self::Socket { action, source }
    }
}

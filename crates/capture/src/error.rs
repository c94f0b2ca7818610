use std::io;
use std::path::PathBuf;
use std::time::Duration;

use maskd_pipeline::PipelineError;

/// Why there is no (further) frame.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The input names a scheme that nothing here reads.
    #[error(
        "cannot read `{scheme}://`: give a video file, a folder of JPEG or PNG frames, a JPEG or PNG image, \
         rtsp://, rtsps:// or v4l2:///dev/videoN"
    )]
    UnknownScheme {
        /// What stood before `://`.
        scheme: String,
    },
    /// The input looks like a URL but is none.
    #[error("{name} is not a usable address: {reason}")]
    Address {
        /// The input without secrets.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There is nothing at the path.
    #[error("{} does not exist", .path.display())]
    NotFound {
        /// The path as given.
        path: PathBuf,
    },
    /// The path exists but cannot be read.
    #[error("cannot read {}", .path.display())]
    Unreadable {
        /// The path as given.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The path is neither a file nor a folder, or no video device where one is needed.
    #[error("{} is {found}, not {wanted}", .path.display())]
    WrongKind {
        /// The path as given.
        path: PathBuf,
        /// What is there.
        found: &'static str,
        /// What was looked for.
        wanted: &'static str,
    },
    /// The file has no bytes.
    #[error("{} is empty (0 bytes)", .path.display())]
    EmptyFile {
        /// The path as given.
        path: PathBuf,
    },
    /// The file is of no kind that holds video.
    #[error("{name} is not a video: {reason}")]
    NotVideo {
        /// Name of the stream.
        name: String,
        /// What the recognition of formats says.
        reason: String,
    },
    /// A media file without pictures, for example a song.
    #[error("{name} holds no video stream")]
    NoVideoStream {
        /// Name of the stream.
        name: String,
    },
    /// A source that ended before its first frame.
    #[error("{name} has no frames")]
    NoFrames {
        /// Name of the stream.
        name: String,
    },
    /// The file breaks off or is broken inside; whatever could be decoded has been delivered.
    #[error("{name} is damaged: {frames} frames could be read, then: {reason}")]
    Damaged {
        /// Name of the stream.
        name: String,
        /// Frames that were delivered.
        frames: u64,
        /// What was found.
        reason: String,
    },
    /// A GStreamer element is not installed.
    #[error("the GStreamer element `{factory}` is missing: install the package {package}")]
    MissingElement {
        /// Name of the element's factory.
        factory: String,
        /// Debian's package that carries it.
        package: &'static str,
    },
    /// No installed decoder or demuxer reads the format.
    #[error("nothing installed reads {format} in {name}: install the package {package}")]
    MissingDecoder {
        /// Name of the stream.
        name: String,
        /// The format, in words where GStreamer has them.
        format: String,
        /// Debian's package that carries a decoder.
        package: &'static str,
    },
    /// A picture of more pixels than [`CaptureOptions::max_pixels`](crate::CaptureOptions::max_pixels).
    #[error("{name} is {width}x{height}, more than the {max_pixels} pixels that are allowed")]
    TooLarge {
        /// Name of the stream or path of the picture.
        name: String,
        /// Width in pixels.
        width: u64,
        /// Height in pixels.
        height: u64,
        /// The limit.
        max_pixels: u64,
    },
    /// A picture that cannot be decoded.
    #[error("cannot decode {}", .path.display())]
    Image {
        /// Path of the picture.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: ImageError,
    },
    /// A picture of a folder differs in size from the first.
    #[error(
        "{} is {}x{} but the frames before it are {}x{}: all pictures of a folder must have one size",
        .path.display(), .found.0, .found.1, .expected.0, .expected.1
    )]
    SizeChange {
        /// Path of the picture.
        path: PathBuf,
        /// Its width and height.
        found: (u32, u32),
        /// Width and height of the first picture.
        expected: (u32, u32),
    },
    /// Two pictures of a folder would be the same frame.
    #[error("{} and {} in one folder are the same frame: keep one of them", .first.display(), .second.display())]
    SameFrame {
        /// One of the two.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// No frame came for too long.
    #[error("{name}: no frame for {:.1} s{}", .waited.as_secs_f64(), if *.first { " after opening" } else { "" })]
    Timeout {
        /// Name of the stream.
        name: String,
        /// How long was waited.
        waited: Duration,
        /// Whether it is the first frame that did not come.
        first: bool,
    },
    /// An element of the pipeline failed.
    #[error("{name}: {element}: {message}{}", .debug.as_deref().map(|text| format!(" ({text})")).unwrap_or_default())]
    Element {
        /// Name of the stream.
        name: String,
        /// Path of the element in the pipeline.
        element: String,
        /// The element's message.
        message: String,
        /// The element's own details.
        debug: Option<String>,
    },
    /// The server does not accept user and password, or wants some.
    #[error("{name}: {reason}: check user and password")]
    Unauthorised {
        /// Name of the stream.
        name: String,
        /// What the server says.
        reason: String,
    },
    /// The server's certificate is neither known nor signed by anybody whom the system trusts.
    #[error("{name}: its certificate is signed by nobody whom this system trusts, and is none that is known")]
    Certificate {
        /// Name of the stream.
        name: String,
    },
    /// A picture arrived whose memory does not fit its announced form.
    #[error("{name}: a frame cannot be read: {reason}")]
    BadFrame {
        /// Name of the stream.
        name: String,
        /// What does not fit.
        reason: String,
    },
    /// GStreamer itself does not start.
    #[error("GStreamer cannot be initialised")]
    Initialise(#[source] gstreamer::glib::Error),
    /// A pipeline description does not fit the installed GStreamer.
    #[error("the description of the {kind} pipeline is unusable")]
    Description {
        /// Which one.
        kind: &'static str,
        /// What is wrong.
        #[source]
        source: PipelineError,
    },
    /// [`Interrupt`](crate::Interrupt) was set.
    #[error("interrupted")]
    Interrupted,
}

/// Why bytes are no picture.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// Not a usable JPEG.
    #[error("JPEG: {0}")]
    Jpeg(#[from] libjpeg_turbo_rs::JpegError),
    /// Not a usable PNG.
    #[error("PNG: {0}")]
    Png(#[from] png::DecodingError),
    /// A form of picture that is not read.
    #[error("{0} is not supported: convert it to 8 bit RGB or grey")]
    Unsupported(&'static str),
    /// The first bytes are of neither format.
    #[error("the file starts as neither JPEG nor PNG")]
    Unknown,
}

//! Sources of frames: video files, folders of pictures, single pictures, RTSP cameras and V4L2 devices, all behind the
//! one trait [`Source`].
//!
//! Every [`Frame`](maskd_types::Frame) is upright 8 bit RGB with its rows tightly packed, numbered from 0, and stamped
//! in nanoseconds since the first frame. Pixels are those that were coded, one to one: nothing is scaled, also not
//! where a file declares pixels that are not square.
//!
//! Files never lose a frame and never show one twice. Live sources hand over the newest frame only.
//!
//! [`open`] gives a source that ends with its first failure; [`supervise`] runs one that is built anew after each.

mod container;
mod error;
mod input;
mod open;
mod options;
mod pipeline;
mod rate;
mod source;
mod stills;
mod stream;
mod supervise;

pub use error::{CaptureError, ImageError};
pub use maskd_pipeline::PipelineError;
pub use open::open;
pub use options::{CaptureOptions, Credentials, Interrupt, RtspTransport};
pub use pipeline::elements;
pub use source::{Source, SourceCounts};
pub use supervise::{Deliver, Delivery, Opener, Supervisor, SupervisorConfig, SupervisorStats, supervise};

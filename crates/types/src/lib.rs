//! Plain data that crosses the borders between the crates of `maskd`: frames on the way in, prompts, masks and
//! tracked objects on the way out. Nothing here knows of GStreamer, of Burn or of a file format.
//!
//! Coordinates are source pixels, x right, y down; the centre of the top left pixel is `(0.5, 0.5)` and boxes are
//! `[x0, y0, x1, y1]` edges, so that a box of one pixel is `[0, 0, 1, 1]`.

mod event;
mod frame;
mod mask;
mod object;
mod prompt;
mod rle;

pub use event::{Notice, ObjectEvent, ObjectEventKind, SourceState, StreamStatus};
pub use frame::{CaptureClock, CaptureTime, Frame, FrameRate, SourceInfo, Stamp};
pub use mask::{BinaryMask, MaskError};
pub use object::{Latency, ObjectId, ObjectState, TrackedFrame, TrackedObject};
pub use prompt::{Action, Point, Prompt, TimedAction};
pub use rle::{Rle, RleBuilder, RleError, Segment, Segments};

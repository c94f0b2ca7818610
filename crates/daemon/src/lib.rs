//! The daemon: live streams in, masks out, for weeks.
//!
//! ```text
//! a thread per source          one thread for the device           a thread per sink
//! supervised source ─▶ lane ─▶ scheduler: all lanes, one batch ─▶ outlet: bounded queue ─▶ sink
//! ```
//!
//! Every arrow is bounded and has a policy for what does not fit: a lane of a live stream keeps the newest frame, a lane of a file makes
//! its source wait, and outlets drop by the policy of their configuration. Nothing waits for a sink.

mod audience;
mod board;
mod control;
mod daemon;
mod error;
mod handle;
mod inlet;
mod outlets;
mod probe;
mod registry;
mod scheduler;
mod sinks;
mod source;
mod state;
mod view;

pub use audience::{Happening, Latest, Newest};
pub use board::StreamFigures;
pub use control::{ControlError, PromptRequest, Prompted, Target};
pub use daemon::Daemon;
pub use error::DaemonError;
pub use handle::Handle;
pub use inlet::LaneStats;
pub use probe::{try_sink, try_state, try_stream};
pub use source::SceneSource;
pub use view::{Origin, SinkView, StreamView};

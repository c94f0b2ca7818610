//! Where masks go: lines of JSON, indexed PNG files, annotated video, and the drawing that pictures for people share.
//!
//! Every kind of output is a [`Sink`] in a folder of its own: a `config` that says where to and how, and a `sink` that
//! does it. Nothing here decides what is tracked, and nothing here drops a frame.

pub mod masks;
pub mod message;
pub mod mqtt;
pub mod ndjson;
pub mod outlet;
pub mod overlay;
pub mod recording;
#[cfg(feature = "rerun")]
pub mod rerun;
pub mod rtsp;
pub mod sheet;
pub mod video;
#[cfg(feature = "zenoh")]
pub mod zenoh;

mod contact_sheet;
mod error;
mod naming;
mod picture;
mod png_file;
mod resize;
mod sink;

pub use contact_sheet::contact_sheet;
pub use error::OutputError;
pub use picture::Picture;
pub use sink::Sink;

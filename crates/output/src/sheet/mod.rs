//! A page of annotated frames from the whole of a run: what happened, at a glance.

mod config;
mod sampling;
mod sink;

pub use config::SheetConfig;
pub use sink::SheetSink;

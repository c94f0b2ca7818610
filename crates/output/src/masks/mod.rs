//! One indexed PNG per frame: the value of a pixel is the id of the object it belongs to, 0 where there is none.

mod config;
mod index;
mod palette;
mod sink;

pub use config::MasksConfig;
#[cfg(feature = "zenoh")]
pub(crate) use index::indices;
#[cfg(feature = "rerun")]
pub(crate) use index::labels;
pub(crate) use palette::colour;
pub use sink::MasksSink;

//! A camera that films nothing: textured creatures and shapes that move, turn, deform, cross and hide each other over
//! a drifting ground, with the exact mask of everything it shows.
//!
//! The same configuration gives the same bytes on every machine: randomness is integer arithmetic, and floating point
//! is limited to `+ - * /`, square roots and rounding, which IEEE 754 fixes to the last bit. Sines and arc tangents are
//! own polynomials in [`math`]; nothing here may call `f32::sin` and its kin, whose results differ between systems.

mod affine;
mod background;
mod cast;
mod compose;
mod config;
mod error;
mod light;
mod math;
mod motion;
mod noise;
mod outline;
mod painter;
mod palette;
mod profile;
mod rng;
mod scene;
mod texture;
mod tile;

pub use config::SceneConfig;
pub use error::SceneError;
pub use scene::{Scene, SceneFrame, Truth};

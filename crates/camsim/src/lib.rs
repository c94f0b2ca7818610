//! What the tests of maskd film with: a camera that serves RTSP and misbehaves on command, and a proxy that makes the way to
//! it as bad as wanted.
//!
//! Every frame that a [`Camera`] serves can carry its number as a bar code ([`read_number`]), so that a test knows which frame
//! it holds and can ask the camera for the exact masks ([`Camera::truth`]).

mod barcode;
mod camera;
mod config;
mod error;
mod footage;
mod process;
mod proxy;

pub use barcode::{read_number, write_number};
pub use camera::{Camera, Take, TimestampFault};
pub use config::{Authentication, CameraConfig, Codec, Credentials, Footage};
pub use error::CamsimError;
pub use process::CameraProcess;
pub use proxy::{Admission, Counters, Faults, Flow, Impairment, Proxy};

/// Runs the examples of the README as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

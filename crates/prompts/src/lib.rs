//! What people say about objects: in files that they bring along, and over a network.
//!
//! [`mask`] reads a PNG as the mask of one object, for the command line and for the daemon alike; [`json`] reads what a program or a page
//! sends.

pub mod json;
pub mod mask;

//! What people say about objects, in files that they bring along.
//!
//! [`mask`] reads a PNG as the mask of one object, for the command line and for the daemon alike.

pub mod mask;

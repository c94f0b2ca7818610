//! Pictures, masks, boxes, scores and events for [Rerun](https://rerun.io): to an `.rrd` file, or live to a viewer.
//!
//! | entity | what | times |
//! |---|---|---|
//! | `STREAM` | `AnnotationContext`: colour (that of DAVIS) and name of every id seen so far | none: it holds always |
//! | `STREAM/image` | `EncodedImage`: the frame as JPEG | both |
//! | `STREAM/masks` | `SegmentationImage`: a pixel's value is the id of its object, 0 where there is none; 8 bits, or 16 while a larger id is on the frame | both |
//! | `STREAM/boxes` | `Boxes2D` of all masks that are not empty, with names and ids | both |
//! | `STREAM/objects/ID/score` | `Scalars`: the object's score | both |
//! | `STREAM/events` | `TextLog`: what happened to objects | both |
//! | `STREAM/events` | `TextLog`: states of the source | `capture_time` |
//!
//! The times are `frame`, the number of the frame, and `capture_time`, UTC.
//!
//! Rerun's SDK puts two threads and queues of 100 MB before a file and tells nobody when the disk is full; its connection
//! to a viewer is never tried again, and waits for ever for one that hangs. So only its formats are used here: a file is
//! written on the thread of the sink, and a viewer has one bounded queue and times for everything.

mod annotations;
mod batch;
mod config;
mod entities;
mod recording;
mod rrd_file;
mod sink;
mod target;
mod times;
mod viewer;
mod whole;

pub use config::{RerunConfig, RerunTarget};
pub use sink::{RerunSink, maker};

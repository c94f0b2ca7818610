//! What is said where a decoder is not installed. Alone in its process: it hides decoders from everything in it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is not as it must be")]

mod common;

use common::*;
use gstreamer::prelude::*;
use gstreamer::{ElementFactory, Rank};
use maskd_capture::CaptureError;

#[test]
fn the_package_with_the_decoder_is_named() {
    let folder = folder();
    let path = Clip { audio: Some("avenc_aac"), ..Clip::default() }.write(&folder.path().join("a.mp4"));
    for name in ["avdec_h264", "openh264dec"] {
        if let Some(factory) = ElementFactory::find(name) {
            factory.set_rank(Rank::NONE);
        }
    }
    let Err(CaptureError::MissingDecoder { format, package, .. }) = open(&path).map(drop) else {
        panic!("a decoder was found")
    };
    assert!(format.contains("H.264"), "{format}");
    assert!(package.contains("gstreamer1.0-libav"), "{package}");
}

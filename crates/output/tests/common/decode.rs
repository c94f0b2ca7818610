//! Videos, decoded by GStreamer.

use std::path::Path;

use gstreamer::prelude::*;
use gstreamer::{ClockTime, ElementFactory, MessageType, State};
use gstreamer_app::AppSink;

/// A decoded picture: when it is shown in milliseconds, its size, its pixels.
pub struct Shown {
    pub milliseconds: u64,
    pub size: [u32; 2],
    pub rgb: Vec<u8>,
}

/// Decodes every picture of a video.
pub fn decode(path: &Path) -> Vec<Shown> {
    gstreamer::init().unwrap();
    let make = |factory: &str| ElementFactory::make(factory).build().unwrap();
    let [source, decode, convert, sink] = ["filesrc", "decodebin", "videoconvert", "appsink"].map(make);
    source.set_property("location", path.to_str().unwrap());
    let sink = sink.downcast::<AppSink>().unwrap();
    sink.set_property("sync", false);
    sink.set_caps(Some(&gstreamer_video::VideoCapsBuilder::new().format(gstreamer_video::VideoFormat::Rgb).build()));
    let pipeline = gstreamer::Pipeline::new();
    pipeline.add_many([&source, &decode, &convert, sink.upcast_ref()]).unwrap();
    source.link(&decode).unwrap();
    convert.link(&sink).unwrap();
    let target = convert.static_pad("sink").unwrap();
    decode.connect_pad_added(move |_, pad| {
        pad.link(&target).unwrap();
    });
    pipeline.set_state(State::Playing).unwrap();
    let mut pictures = Vec::new();
    while let Some(sample) = sink.try_pull_sample(ClockTime::from_seconds(20)) {
        let info = gstreamer_video::VideoInfo::from_caps(sample.caps().unwrap()).unwrap();
        let buffer = sample.buffer().unwrap();
        let stream_time = sample.segment().unwrap().downcast_ref::<ClockTime>().unwrap().to_stream_time(buffer.pts());
        let map = buffer.map_readable().unwrap();
        let rows = map.chunks_exact(info.stride()[0] as usize);
        pictures.push(Shown {
            milliseconds: stream_time.unwrap().mseconds(),
            size: [info.width(), info.height()],
            rgb: rows.flat_map(|row| row[..3 * info.width() as usize].to_vec()).collect(),
        });
    }
    let error = pipeline.bus().unwrap().pop_filtered(&[MessageType::Error]);
    assert!(error.is_none(), "{error:?}");
    pipeline.set_state(State::Null).unwrap();
    pictures
}

//! A viewer of its own kind: what it sees and what it is told.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::time::{Duration, Instant};

use gstreamer::prelude::*;
use gstreamer::{Caps, ClockTime, Element, ElementFactory, MessageView, Pipeline, State};
use gstreamer_app::AppSink;
use maskd_camsim::read_number;

/// More than anything may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A decoded frame.
pub struct Seen {
    pub rgb: Vec<u8>,
    pub width: usize,
    pub height: usize,
    pub pts: ClockTime,
}

impl Seen {
    pub fn number(&self) -> Option<u64> {
        read_number(&self.rgb, self.width, self.height)
    }

    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }
}

/// A GStreamer client.
pub struct Viewer {
    pipeline: Pipeline,
    sink: AppSink,
}

fn make(factory: &str) -> Element {
    ElementFactory::make(factory).build().unwrap()
}

impl Viewer {
    /// Starts to play; `protocols` is `tcp` or `udp`.
    pub fn open(url: &str, protocols: &str) -> Self {
        gstreamer::init().unwrap();
        let source = make("rtspsrc");
        source.set_property("location", url);
        source.set_property_from_str("protocols", protocols);
        source.set_property("latency", 200_u32);
        let decoder = make("decodebin");
        let convert = make("videoconvert");
        let caps = Caps::builder("video/x-raw").field("format", "RGB").build();
        let sink = AppSink::builder().caps(&caps).sync(false).max_buffers(100).wait_on_eos(false).build();
        let pipeline = Pipeline::new();
        pipeline.add_many([&source, &decoder, &convert, sink.upcast_ref()]).unwrap();
        convert.link(&sink).unwrap();
        let input = decoder.static_pad("sink").unwrap();
        source.connect_pad_added(move |_, pad| _ = pad.link(&input));
        let input = convert.static_pad("sink").unwrap();
        decoder.connect_pad_added(move |_, pad| _ = pad.link(&input));
        pipeline.set_state(State::Playing).unwrap();
        Self { pipeline, sink }
    }

    /// The next frame, if one comes in this time.
    pub fn try_next(&self, time: Duration) -> Option<Seen> {
        let sample = self.sink.try_pull_sample(ClockTime::try_from(time).unwrap())?;
        let form = sample.caps().unwrap().structure(0).unwrap();
        let side = |name| usize::try_from(form.get::<i32>(name).unwrap()).unwrap();
        let (width, height) = (side("width"), side("height"));
        let buffer = sample.buffer().unwrap();
        let map = buffer.map_readable().unwrap();
        let stride = (width * 3).next_multiple_of(4);
        let rgb = map.chunks_exact(stride).take(height).flat_map(|row| &row[..width * 3]).copied().collect();
        Some(Seen { rgb, width, height, pts: buffer.pts().unwrap() })
    }

    pub fn next(&self) -> Seen {
        self.try_next(PATIENCE).unwrap_or_else(|| panic!("no frame; {:?}", self.error()))
    }

    /// The next frame for which `wanted` holds.
    pub fn next_where(&self, wanted: impl Fn(&Seen) -> bool) -> Seen {
        let begin = Instant::now();
        loop {
            let seen = self.next();
            if wanted(&seen) {
                return seen;
            }
            assert!(begin.elapsed() < PATIENCE, "the frame that is waited for does not come");
        }
    }

    /// Waits until no frame has come for a second.
    pub fn falls_silent(&self) {
        let begin = Instant::now();
        while self.try_next(Duration::from_secs(1)).is_some() {
            assert!(begin.elapsed() < PATIENCE, "frames still come");
        }
    }

    /// The first error so far.
    pub fn error(&self) -> Option<String> {
        self.error_within(Duration::ZERO)
    }

    /// The first error or the end of the stream, if it comes in this time.
    pub fn error_within(&self, time: Duration) -> Option<String> {
        let kinds = [gstreamer::MessageType::Error, gstreamer::MessageType::Eos];
        let message = self.pipeline.bus().unwrap().timed_pop_filtered(ClockTime::try_from(time).unwrap(), &kinds)?;
        match message.view() {
            MessageView::Error(error) => Some(format!("{} {:?}", error.error(), error.debug())),
            _ => Some("end of stream".to_owned()),
        }
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.pipeline.set_state(State::Null).unwrap();
    }
}

/// Waits until `done` holds.
pub fn until(what: &str, done: impl Fn() -> bool) {
    let begin = Instant::now();
    while !done() {
        assert!(begin.elapsed() < PATIENCE, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

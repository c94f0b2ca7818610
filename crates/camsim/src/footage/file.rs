use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gstreamer::prelude::*;
use gstreamer::{
    BusSyncReply, Caps, ClockTime, Element, ElementFactory, MessageType, MessageView, Pipeline, SeekFlags, State,
};
use gstreamer_app::AppSink;

use super::{Picture, Reel};
use crate::CamsimError;

/// How long a frame of the file may take to decode.
const PATIENCE: Duration = Duration::from_secs(20);

/// A video file, decoded and scaled, from the beginning again after its end.
pub(super) struct FileReel {
    path: PathBuf,
    pipeline: Pipeline,
    sink: AppSink,
    size: (usize, usize),
    /// Was waited for when the file was opened.
    first: Option<Vec<u8>>,
}

impl FileReel {
    pub(super) fn open(path: &Path, (width, height): (u32, u32)) -> Result<Self, CamsimError> {
        let sink = sink(width, height);
        let pipeline = Pipeline::new();
        let size = (width as usize, height as usize);
        let mut reel = Self { path: path.to_owned(), pipeline, sink, size, first: None };
        reel.build()?;
        if let Some(bus) = reel.pipeline.bus() {
            // Nobody else reads the bus: whatever is on it is an error.
            bus.set_sync_handler(|_, message| match message.type_() {
                MessageType::Error => BusSyncReply::Pass,
                _ => BusSyncReply::Drop,
            });
        }
        reel.pipeline.set_state(State::Playing).map_err(|_| reel.complaint())?;
        reel.first = Some(reel.pull().ok_or_else(|| reel.complaint())?);
        Ok(reel)
    }

    fn build(&self) -> Result<(), CamsimError> {
        let source = element("filesrc", "libgstreamer1.0-0")?;
        source.set_property("location", &self.path);
        let decoder = element("decodebin", "gstreamer1.0-plugins-base")?;
        let convert = element("videoconvert", "gstreamer1.0-plugins-base")?;
        let scale = element("videoscale", "gstreamer1.0-plugins-base")?;
        let sink = self.sink.upcast_ref();
        let linked = (|| {
            self.pipeline.add_many([&source, &decoder, &convert, &scale, sink])?;
            source.link(&decoder)?;
            Element::link_many([&convert, &scale, sink])
        })();
        linked.map_err(|error| self.error(error.to_string()))?;
        // The decoder's other pads, sound for example, stay unlinked.
        let input = convert.static_pad("sink");
        decoder.connect_pad_added(move |_, pad| {
            let video =
                pad.current_caps().is_some_and(|caps| caps.iter().any(|form| form.name().starts_with("video/")));
            if let Some(input) = input.as_ref().filter(|input| video && !input.is_linked()) {
                // A pad that does not link leaves the sink without data, which the caller reports.
                let _ = pad.link(input);
            }
        });
        Ok(())
    }

    fn error(&self, reason: String) -> CamsimError {
        CamsimError::File { path: self.path.clone(), reason }
    }

    /// What went wrong, as far as the pipeline has said so.
    fn complaint(&self) -> CamsimError {
        let messages = self.pipeline.bus().into_iter().flat_map(|bus| std::iter::from_fn(move || bus.pop()));
        let mut reasons = messages.filter_map(|message| match message.view() {
            MessageView::Error(error) => Some(error.error().to_string()),
            _ => None,
        });
        self.error(reasons.next().unwrap_or_else(|| "it gives no picture".to_owned()))
    }

    fn pull(&self) -> Option<Vec<u8>> {
        let begin = Instant::now();
        let sample = loop {
            if let Some(sample) = self.sink.try_pull_sample(ClockTime::from_mseconds(100)) {
                break sample;
            }
            if self.sink.is_eos() || self.has_failed() || begin.elapsed() > PATIENCE {
                return None;
            }
        };
        let map = sample.buffer()?.map_readable().ok()?;
        let (width, height) = self.size;
        let stride = (width * 3).next_multiple_of(4);
        let rows = map.chunks_exact(stride).take(height);
        let rgb: Vec<u8> = rows.filter_map(|row| row.get(..width * 3)).flatten().copied().collect();
        (rgb.len() == width * height * 3).then_some(rgb)
    }

    fn has_failed(&self) -> bool {
        self.pipeline.bus().is_some_and(|bus| bus.have_pending())
    }
}

impl Reel for FileReel {
    fn next_picture(&mut self) -> Result<Picture, CamsimError> {
        if let Some(rgb) = self.first.take() {
            return Ok(Picture { rgb, truth: Arc::from([]) });
        }
        let mut rgb = self.pull();
        if rgb.is_none() && self.sink.is_eos() {
            let rewound = self.pipeline.seek_simple(SeekFlags::FLUSH | SeekFlags::KEY_UNIT, ClockTime::ZERO);
            rewound.map_err(|error| self.error(error.to_string()))?;
            rgb = self.pull();
        }
        Ok(Picture { rgb: rgb.ok_or_else(|| self.complaint())?, truth: Arc::from([]) })
    }
}

impl Drop for FileReel {
    fn drop(&mut self) {
        // There is nothing to do about a pipeline that does not stop.
        let _ = self.pipeline.set_state(State::Null);
    }
}

fn element(factory: &'static str, package: &'static str) -> Result<Element, CamsimError> {
    ElementFactory::make(factory).build().map_err(|_| CamsimError::MissingElement { factory, package })
}

fn sink(width: u32, height: u32) -> AppSink {
    let side = |pixels: u32| i32::try_from(pixels).unwrap_or(i32::MAX);
    let caps = Caps::builder("video/x-raw")
        .field("format", "RGB")
        .field("width", side(width))
        .field("height", side(height))
        .field("pixel-aspect-ratio", gstreamer::Fraction::new(1, 1))
        .build();
    AppSink::builder().caps(&caps).max_buffers(2).sync(false).build()
}

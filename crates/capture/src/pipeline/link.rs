use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use gstreamer::event::Segment;
use gstreamer::glib::BoolError;
use gstreamer::prelude::*;
use gstreamer::{
    Bin, BufferRef, Caps, ClockTime, Element, ElementFactory, Pad, PadDirection, PadPresence, PadProbeReturn,
    PadProbeType,
};

/// What the pads that appear while a pipeline runs tell of the stream; clones share it.
#[derive(Clone)]
pub(crate) struct Pads(Arc<Seen>);

struct Seen {
    max_pixels: u64,
    video: AtomicBool,
    too_large: OnceLock<(u64, u64)>,
    end_ns: AtomicU64,
}

impl Pads {
    pub(crate) fn new(max_pixels: u64) -> Self {
        let (video, end_ns) = (AtomicBool::new(false), AtomicU64::new(0));
        Self(Arc::new(Seen { max_pixels, video, too_large: OnceLock::new(), end_ns }))
    }

    /// Whether a video stream has been found.
    pub(crate) fn video(&self) -> bool {
        self.0.video.load(Ordering::Acquire)
    }

    /// Where the longest stream of the container, sound included, has got to; 0 where that is not watched.
    pub(crate) fn end_ns(&self) -> u64 {
        self.0.end_ns.load(Ordering::Acquire)
    }

    /// Width and height of a video stream that was refused before it was decoded.
    pub(crate) fn too_large(&self) -> Option<(u64, u64)> {
        self.0.too_large.get().copied()
    }

    /// Whether a video stream of these caps may be decoded; remembers the first that may not.
    fn admit(&self, caps: &Caps) -> bool {
        let Some((width, height)) = size(caps) else {
            return true;
        };
        let fits = width.saturating_mul(height) <= self.0.max_pixels;
        if !fits {
            self.0.too_large.get_or_init(|| (width, height));
        }
        fits
    }
}

/// Links two elements now, or as soon as the first one has a video pad.
pub(super) fn link(from: &Element, to: &Element, pads: &Pads) -> Result<(), BoolError> {
    if !appears_later(from) {
        return from.link(to);
    }
    let (target, seen) = (to.clone(), pads.clone());
    from.connect_pad_added(move |element, pad| on_pad(element, pad, &target, &seen));
    if is_a(from, "rtspsrc") {
        set_up_first_video(from);
    }
    Ok(())
}

fn is_a(element: &Element, factory: &str) -> bool {
    element.factory().is_some_and(|own| own.name() == factory)
}

fn appears_later(element: &Element) -> bool {
    let sometimes = |template: &gstreamer::PadTemplate| {
        template.direction() == PadDirection::Src && template.presence() == PadPresence::Sometimes
    };
    element.pad_template_list().iter().any(sometimes)
}

fn on_pad(element: &Element, pad: &Pad, target: &Element, seen: &Pads) {
    if pad.direction() != PadDirection::Src {
        return;
    }
    if is_a(element, "parsebin") {
        watch_end(pad, seen);
    }
    let caps = pad.current_caps().unwrap_or_else(|| pad.query_caps(None));
    let free = target.static_pad("sink").filter(|sink| !sink.is_linked());
    if let Some(sink) = free.filter(|_| is_video(&caps)) {
        seen.0.video.store(true, Ordering::Release);
        // A failure to link shows as a `not-linked` error of the element on the bus.
        if seen.admit(&caps) && pad.link(&sink).is_ok() {
            return;
        }
    }
    throw_away(element, pad);
}

/// Notes how far a stream gets.
fn watch_end(pad: &Pad, seen: &Pads) {
    let seen = seen.clone();
    pad.add_probe(PadProbeType::BUFFER, move |pad, info| {
        if let Some(end) = info.buffer().and_then(|buffer| stream_end(pad, buffer)) {
            seen.0.end_ns.fetch_max(end.nseconds(), Ordering::AcqRel);
        }
        PadProbeReturn::Ok
    });
}

fn stream_end(pad: &Pad, buffer: &BufferRef) -> Option<ClockTime> {
    let segment = pad.sticky_event::<Segment>(0)?;
    let segment = segment.segment().downcast_ref::<ClockTime>()?;
    let end = buffer.pts().or(buffer.dts())? + buffer.duration().unwrap_or_default();
    // The end of the last buffer may lie outside the segment.
    segment.to_stream_time(end).or_else(|| segment.to_stream_time(buffer.pts()?))
}

/// Streams that nobody wants flow into a sink that takes them as they come, or they would block their neighbours.
fn throw_away(element: &Element, pad: &Pad) {
    let bin = element.parent().and_then(|parent| parent.downcast::<Bin>().ok());
    let drain = ElementFactory::make("fakesink").property("sync", false).property("async", false).build();
    if let (Some(bin), Ok(drain)) = (bin, drain)
        && bin.add(&drain).is_ok()
        && drain.sync_state_with_parent().is_ok()
        && let Some(sink) = drain.static_pad("sink")
    {
        // Where this fails too, the pad stays unlinked, which the demuxers tolerate.
        pad.link(&sink).ok();
    }
}

fn is_video(caps: &Caps) -> bool {
    caps.structure(0).is_some_and(|form| {
        let name = form.name();
        // RTP says in a field what it carries, whatever the caps are called at that stage.
        let rtp_video = form.get::<&str>("media").is_ok_and(|media| media == "video");
        name.starts_with("video/") || name.starts_with("image/") || rtp_video
    })
}

fn size(caps: &Caps) -> Option<(u64, u64)> {
    let form = caps.structure(0)?;
    let side = |name| form.get::<i32>(name).ok().and_then(|side| u64::try_from(side).ok());
    side("width").zip(side("height"))
}

/// Keeps `rtspsrc` from asking the server for anything but its first video stream.
fn set_up_first_video(source: &Element) {
    let chosen = OnceLock::new();
    source.connect("select-stream", false, move |arguments| {
        let number = arguments.get(1).and_then(|value| value.get::<u32>().ok());
        let caps = arguments.get(2).and_then(|value| value.get::<Caps>().ok());
        let video = caps.is_some_and(|caps| is_video(&caps));
        Some((video && chosen.get_or_init(|| number) == &number).to_value())
    });
}

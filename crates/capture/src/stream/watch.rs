use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gstreamer::prelude::*;
use gstreamer::{
    BufferFlags, BufferRef, Element, Pad, PadProbeData, PadProbeInfo, PadProbeReturn, PadProbeType,
    ReferenceTimestampMeta, Sample,
};

use super::facts::{Book, Facts};
use super::recovery::{Packet, Unit};
use crate::SourceCounts;

/// Looks at a live stream at three places: where RTP packets leave the jitter buffer, where coded pictures go into the
/// decoder, and where decoded ones reach the sink. Clones share what was seen.
#[derive(Clone)]
pub(super) struct Watch(Arc<Mutex<Book>>);

impl Watch {
    /// Must be called before the pipeline is started.
    pub(super) fn attach(pipeline: &gstreamer::Pipeline, sink: &gstreamer_app::AppSink) -> Self {
        let watch = Self(Arc::new(Mutex::new(Book::new())));
        let inner = watch.clone();
        pipeline.connect_deep_element_added(move |_, _, element| inner.look_at(element));
        if let Some(pad) = sink.static_pad("sink") {
            watch.probe(&pad, Self::on_arrival);
        }
        watch
    }

    /// What is known of the picture in a sample.
    pub(super) fn facts(&self, sample: &Sample) -> Facts {
        let facts = sample.buffer().and_then(|buffer| self.book().fetch(buffer.offset()));
        facts.unwrap_or_else(Facts::arriving)
    }

    pub(super) fn counts(&self) -> SourceCounts {
        self.book().counts()
    }

    /// Usual time between two pictures.
    pub(super) fn interval(&self) -> Option<Duration> {
        self.book().interval()
    }

    fn look_at(&self, element: &Element) {
        let Some(factory) = element.factory() else {
            return;
        };
        let class = factory.metadata("klass").unwrap_or_default();
        let is = |word: &str| class.split('/').any(|own| own == word);
        if factory.name() == "rtpjitterbuffer" {
            self.probe_at(element, "src", Self::on_packet);
        } else if is("Codec") && is("Decoder") && !is("Audio") {
            self.probe_at(element, "sink", Self::on_unit);
        } else if is("Depayloader") && element.has_property("request-keyframe") {
            // Cameras that understand RTCP feedback send a key frame at once.
            element.set_property("request-keyframe", true);
        }
    }

    fn probe_at(&self, element: &Element, pad: &str, look: fn(&Self, &BufferRef)) {
        if let Some(pad) = element.static_pad(pad) {
            let each = move |watch: &Self, info: &mut PadProbeInfo<'_>| match &info.data {
                Some(PadProbeData::Buffer(buffer)) => look(watch, buffer),
                Some(PadProbeData::BufferList(list)) => list.iter().for_each(|buffer| look(watch, buffer)),
                _ => {}
            };
            self.probe(&pad, each);
        }
    }

    fn probe(&self, pad: &Pad, look: impl Fn(&Self, &mut PadProbeInfo<'_>) + Send + Sync + 'static) {
        let watch = self.clone();
        pad.add_probe(PadProbeType::BUFFER | PadProbeType::BUFFER_LIST, move |_, info| {
            look(&watch, info);
            PadProbeReturn::Ok
        });
    }

    fn on_packet(&self, buffer: &BufferRef) {
        if let Some(packet) = packet(buffer) {
            self.book().packet(packet, ntp_ns(buffer));
        }
    }

    fn on_unit(&self, buffer: &BufferRef) {
        let flags = buffer.flags();
        self.book().unit(Unit {
            pts: pts(buffer),
            key: !flags.contains(BufferFlags::DELTA_UNIT),
            corrupted: flags.contains(BufferFlags::CORRUPTED),
            discontinuous: flags.contains(BufferFlags::DISCONT),
        });
    }

    /// The number travels in the buffer's offset, which nothing behind this point looks at.
    fn on_arrival(&self, info: &mut PadProbeInfo<'_>) {
        if let Some(buffer) = info.buffer_mut() {
            let number = self.book().arrival(pts(buffer));
            buffer.make_mut().set_offset(number);
        }
    }

    /// Nothing panics while it holds the lock.
    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn pts(buffer: &BufferRef) -> Option<u64> {
    buffer.pts().map(gstreamer::ClockTime::nseconds)
}

/// Reads the fixed part of an RTP header (RFC 3550, 5.1).
fn packet(buffer: &BufferRef) -> Option<Packet> {
    let mut header = [0; 4];
    buffer.copy_to_slice(0, &mut header).ok()?;
    let [first, second, sequence @ ..] = header;
    let version = first >> 6;
    (version == 2).then(|| Packet {
        sequence: u16::from_be_bytes(sequence),
        pts: pts(buffer),
        last_of_unit: second & 0x80 != 0,
    })
}

/// The packet's time by the sender's clock, where a sender report has told it.
fn ntp_ns(buffer: &BufferRef) -> Option<u64> {
    let is_ntp = |meta: &gstreamer::MetaRef<'_, ReferenceTimestampMeta>| {
        meta.reference().structure(0).is_some_and(|form| form.name() == "timestamp/x-ntp")
    };
    buffer.iter_meta::<ReferenceTimestampMeta>().find(is_ntp).map(|meta| meta.timestamp().nseconds())
}

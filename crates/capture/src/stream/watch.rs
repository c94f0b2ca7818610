use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use gstreamer::prelude::*;
use gstreamer::{
    BufferFlags, BufferRef, Element, Pad, PadProbeData, PadProbeInfo, PadProbeReturn, PadProbeType, Pipeline,
    ReferenceTimestampMeta, Sample,
};
use gstreamer_app::AppSink;

use super::backlog::Backlog;
use super::facts::{Book, Facts};
use super::recovery::{Packet, Unit};
use crate::SourceCounts;

/// Looks at a live stream at three places: where RTP packets leave the jitter buffer, where coded pictures go into the
/// decoder, and where decoded ones reach the sink. Clones share what was seen.
#[derive(Clone)]
pub(super) struct Watch(Arc<Seen>);

struct Seen {
    book: Mutex<Book>,
    backlog: Mutex<Backlog>,
}

impl Watch {
    /// Must be called before the pipeline is started.
    pub(super) fn attach(pipeline: &Pipeline, sink: &AppSink, rtsp_latency_ms: u32) -> Self {
        let backlog = Backlog::new(Duration::from_millis(u64::from(rtsp_latency_ms)));
        let watch = Self(Arc::new(Seen { book: Mutex::new(Book::new()), backlog: Mutex::new(backlog) }));
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
            self.probe_at(element, "sink", Self::on_packet_in);
            self.probe_at(element, "src", Self::on_packet_out);
        } else if is("Codec") && is("Decoder") && !is("Audio") {
            self.probe_at(element, "sink", Self::on_unit);
        } else if is("Depayloader") && element.has_property("request-keyframe") {
            // Cameras that understand RTCP feedback send a key frame at once.
            element.set_property("request-keyframe", true);
        }
    }

    fn probe_at(&self, element: &Element, pad: &str, look: fn(&Self, &BufferRef) -> PadProbeReturn) {
        if let Some(pad) = element.static_pad(pad) {
            self.probe(&pad, move |watch, info| match &info.data {
                Some(PadProbeData::Buffer(buffer)) => look(watch, buffer),
                // Only what goes into the jitter buffer may come in lists, and nothing is dropped there.
                Some(PadProbeData::BufferList(list)) => {
                    for buffer in list.iter() {
                        look(watch, buffer);
                    }
                    PadProbeReturn::Ok
                }
                _ => PadProbeReturn::Ok,
            });
        }
    }

    fn probe(&self, pad: &Pad, look: impl Fn(&Self, &mut PadProbeInfo<'_>) -> PadProbeReturn + Send + Sync + 'static) {
        let watch = self.clone();
        pad.add_probe(PadProbeType::BUFFER | PadProbeType::BUFFER_LIST, move |_, info| look(&watch, info));
    }

    fn on_packet_in(&self, buffer: &BufferRef) -> PadProbeReturn {
        if let Some(packet) = packet(buffer) {
            lock(&self.0.backlog).enter(packet.sequence, Instant::now());
        }
        PadProbeReturn::Ok
    }

    fn on_packet_out(&self, buffer: &BufferRef) -> PadProbeReturn {
        let Some(packet) = packet(buffer) else {
            return PadProbeReturn::Ok;
        };
        if !lock(&self.0.backlog).leave(packet.sequence, Instant::now()) {
            return PadProbeReturn::Drop;
        }
        self.book().packet(packet, ntp_ns(buffer));
        PadProbeReturn::Ok
    }

    fn on_unit(&self, buffer: &BufferRef) -> PadProbeReturn {
        let flags = buffer.flags();
        self.book().unit(Unit {
            pts: pts(buffer),
            key: !flags.contains(BufferFlags::DELTA_UNIT),
            corrupted: flags.contains(BufferFlags::CORRUPTED),
            discontinuous: flags.contains(BufferFlags::DISCONT),
        });
        PadProbeReturn::Ok
    }

    /// The number travels in the buffer's offset, which nothing behind this point looks at.
    fn on_arrival(&self, info: &mut PadProbeInfo<'_>) -> PadProbeReturn {
        if let Some(buffer) = info.buffer_mut() {
            let number = self.book().arrival(pts(buffer));
            buffer.make_mut().set_offset(number);
        }
        PadProbeReturn::Ok
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        lock(&self.0.book)
    }
}

/// Nothing panics while it holds a lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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

use maskd_types::{CaptureClock, ObjectId, ObjectState, Rle, TrackedFrame, TrackedObject};
use serde::Serialize;

use super::MessageForm;

#[derive(Serialize)]
pub(super) struct Message<'a> {
    stream: &'a str,
    frame: u64,
    pts_ns: u64,
    capture_unix_ns: u64,
    capture_clock: CaptureClock,
    width: u32,
    height: u32,
    /// Whether every packet of the frame came.
    intact: bool,
    objects: Vec<Object<'a>>,
    latency_ms: LatencyMs,
}

#[derive(Serialize)]
struct Object<'a> {
    id: ObjectId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    state: ObjectState,
    score: f32,
    iou: f32,
    #[serde(rename = "box")]
    bbox: Option<[u32; 4]>,
    area: u64,
    centroid: Option<[f32; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mask: Option<&'a Rle>,
}

#[derive(Serialize)]
struct LatencyMs {
    encode: f64,
    track: f64,
    total: f64,
    end_to_end: f64,
}

impl<'a> Message<'a> {
    pub(super) fn of(tracked: &'a TrackedFrame, form: MessageForm) -> Self {
        let frame = &tracked.frame;
        Self {
            stream: &tracked.stream,
            frame: frame.number,
            pts_ns: frame.stamp.pts_ns,
            capture_unix_ns: frame.stamp.capture.unix_ns,
            capture_clock: frame.stamp.capture.clock,
            width: frame.width,
            height: frame.height,
            intact: frame.intact,
            objects: tracked.objects.iter().map(|object| Object::of(object, form)).collect(),
            latency_ms: LatencyMs::of(tracked),
        }
    }
}

impl<'a> Object<'a> {
    fn of(object: &'a TrackedObject, form: MessageForm) -> Self {
        Self {
            id: object.id,
            name: object.name.as_deref(),
            state: object.state,
            score: object.score,
            iou: object.iou,
            bbox: object.bbox,
            area: object.area,
            centroid: object.centroid,
            mask: form.masks.then_some(&object.mask),
        }
    }
}

impl LatencyMs {
    fn of(tracked: &TrackedFrame) -> Self {
        Self {
            encode: microseconds(tracked.latency.encode),
            track: microseconds(tracked.latency.track),
            total: microseconds(tracked.latency.total),
            end_to_end: microseconds(tracked.frame.stamp.arrived.elapsed().as_secs_f64() * 1000.0),
        }
    }
}

/// Milliseconds to three places: clocks tell no more, and messages stay short.
fn microseconds(milliseconds: f64) -> f64 {
    (milliseconds * 1000.0).round() / 1000.0
}

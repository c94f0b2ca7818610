//! The form of a line. Others parse it: names, order and units stay as they are.

use maskd_types::{ObjectId, ObjectState, Rle, TrackedFrame, TrackedObject};
use serde::Serialize;

#[derive(Serialize)]
struct Line<'a> {
    stream: &'a str,
    frame: u64,
    pts_ns: u64,
    width: u32,
    height: u32,
    objects: Vec<Object<'a>>,
    latency_ms: LatencyMs,
}

#[derive(Serialize)]
struct Object<'a> {
    id: ObjectId,
    state: ObjectState,
    score: f32,
    iou: f32,
    #[serde(rename = "box")]
    bbox: Option<[u32; 4]>,
    area: u64,
    centroid: Option<[f32; 2]>,
    mask: &'a Rle,
}

#[derive(Serialize)]
struct LatencyMs {
    encode: f64,
    track: f64,
    total: f64,
}

/// The line of a frame, with its line break.
pub(super) fn line(frame: &TrackedFrame) -> Result<String, serde_json::Error> {
    let line = Line {
        stream: &frame.stream,
        frame: frame.frame.number,
        pts_ns: frame.frame.stamp.pts_ns,
        width: frame.frame.width,
        height: frame.frame.height,
        objects: frame.objects.iter().map(object).collect(),
        latency_ms: LatencyMs {
            encode: microseconds(frame.latency.encode),
            track: microseconds(frame.latency.track),
            total: microseconds(frame.latency.total),
        },
    };
    let mut text = serde_json::to_string(&line)?;
    text.push('\n');
    Ok(text)
}

fn object(object: &TrackedObject) -> Object<'_> {
    Object {
        id: object.id,
        state: object.state,
        score: object.score,
        iou: object.iou,
        bbox: object.bbox,
        area: object.area,
        centroid: object.centroid,
        mask: &object.mask,
    }
}

/// Milliseconds to three places: clocks tell no more, and lines stay short.
fn microseconds(milliseconds: f64) -> f64 {
    (milliseconds * 1000.0).round() / 1000.0
}

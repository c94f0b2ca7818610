//! Frames as the messages that robots know.

use maskd_types::{TrackedFrame, TrackedObject};

use super::cdr::Cdr;
use crate::OutputError;
use crate::masks::indices;

/// A detection with short names; only to make room in one go.
const DETECTION_BYTES: usize = 560;

/// `vision_msgs/msg/Detection2DArray` of version 4.1, with everything that has a box.
///
/// Pixels count from the upper left corner of the picture. The pose of a hypothesis is the centroid of the mask; its covariance
/// is not known and 0.
pub(super) fn detections(tracked: &TrackedFrame) -> Vec<u8> {
    let boxed: Vec<_> = tracked.objects.iter().filter_map(|object| Some((object, object.bbox?))).collect();
    let mut cdr = Cdr::with_capacity(64 + boxed.len() * DETECTION_BYTES);
    header(&mut cdr, tracked);
    cdr.length(boxed.len());
    for (object, edges) in boxed {
        detection(&mut cdr, tracked, object, edges.map(f64::from));
    }
    cdr.finish()
}

/// `sensor_msgs/msg/Image`, mono8: the value of a pixel is the id of the object it belongs to, 0 where there is none.
///
/// # Errors
/// Where an id is above 255, or a mask is not of the frame's size.
pub(super) fn mask(tracked: &TrackedFrame) -> Result<Vec<u8>, OutputError> {
    let labels = indices(tracked)?;
    let mut cdr = Cdr::with_capacity(128 + labels.len());
    header(&mut cdr, tracked);
    cdr.u32(tracked.frame.height);
    cdr.u32(tracked.frame.width);
    cdr.string("mono8");
    // Not big endian.
    cdr.u8(0);
    // Bytes of a row.
    cdr.u32(tracked.frame.width);
    cdr.octets(&labels);
    Ok(cdr.finish())
}

/// `std_msgs/msg/Header`.
fn header(cdr: &mut Cdr, tracked: &TrackedFrame) {
    let (seconds, nanoseconds) = time(tracked.frame.stamp.capture.unix_ns);
    cdr.i32(seconds);
    cdr.u32(nanoseconds);
    cdr.string(&tracked.stream);
}

/// `builtin_interfaces/msg/Time`, whose seconds end in 2038 and stay there.
fn time(unix_ns: u64) -> (i32, u32) {
    const SECOND: u64 = 1_000_000_000;
    let seconds = i32::try_from(unix_ns / SECOND).unwrap_or(i32::MAX);
    // What is left is below 2^30.
    (seconds, u32::try_from(unix_ns % SECOND).unwrap_or_default())
}

fn detection(cdr: &mut Cdr, tracked: &TrackedFrame, object: &TrackedObject, edges: [f64; 4]) {
    let [x0, y0, x1, y1] = edges;
    let centre = [(x0 + x1) / 2.0, (y0 + y1) / 2.0];
    let centroid = object.centroid.map_or(centre, |at| at.map(f64::from));
    let id = object.id.to_string();
    header(cdr, tracked);
    cdr.length(1);
    cdr.string(object.name.as_deref().unwrap_or(&id));
    cdr.f64(f64::from(object.score));
    pose(cdr, centroid);
    cdr.f64s(&centre);
    // No rotation.
    cdr.f64(0.0);
    cdr.f64s(&[x1 - x0, y1 - y0]);
    cdr.string(&id);
}

/// `geometry_msgs/msg/PoseWithCovariance`: a place in the picture, not turned.
fn pose(cdr: &mut Cdr, [x, y]: [f64; 2]) {
    cdr.f64s(&[x, y, 0.0]);
    cdr.f64s(&[0.0, 0.0, 0.0, 1.0]);
    cdr.f64s(&[0.0; 36]);
}

#[cfg(test)]
#[path = "../../tests/zenoh/decode.rs"]
mod decode;

#[cfg(test)]
#[path = "ros_tests.rs"]
mod tests;

//! Messages byte by byte, and as another decoder reads them.

use std::sync::Arc;

use maskd_types::{
    BinaryMask, CaptureClock, CaptureTime, Frame, Latency, ObjectId, ObjectState, Rle, Stamp, TrackedFrame,
    TrackedObject,
};
use proptest::prelude::*;

use super::{decode, detections, mask};

/// A picture of 3x2 pixels, taken 7 ns after second 1000.
fn frame(stream: &str, objects: Vec<TrackedObject>) -> TrackedFrame {
    let mut stamp = Stamp::arriving(0);
    stamp.capture = CaptureTime { unix_ns: 1_000_000_000_007, clock: CaptureClock::Camera };
    let rgb = Arc::from([0; 18]);
    let frame = Frame { number: 0, stamp, width: 3, height: 2, intact: true, rgb };
    TrackedFrame { stream: stream.into(), frame, objects, latency: Latency::default() }
}

fn object(id: u32, name: Option<&str>, pixels: [u8; 6]) -> TrackedObject {
    let mask = Rle::encode(&BinaryMask::new(3, 2, pixels.into()).unwrap());
    TrackedObject {
        id: ObjectId::new(id).unwrap(),
        name: name.map(Arc::from),
        state: ObjectState::Visible,
        score: 0.5,
        iou: 0.5,
        bbox: mask.bbox(),
        area: mask.area(),
        centroid: mask.centroid(),
        mask,
    }
}

/// Second 1000, 7 ns, "s", filled up to a multiple of 4.
const HEADER: &[u8] = &[0xe8, 3, 0, 0, 7, 0, 0, 0, 2, 0, 0, 0, b's', 0, 0, 0];

#[test]
fn a_label_image_is_these_bytes() {
    let objects = vec![object(9, None, [0, 1, 1, 0, 0, 1]), object(2, None, [0, 0, 0, 1, 0, 0])];
    let expected = [
        &[0, 1, 0, 0],
        HEADER,
        &[2, 0, 0, 0, 3, 0, 0, 0],
        &[6, 0, 0, 0, b'm', b'o', b'n', b'o', b'8', 0],
        // Not big endian; one byte up to a multiple of 4; 3 bytes in a row; 6 in all.
        &[0, 0, 3, 0, 0, 0, 6, 0, 0, 0],
        &[0, 9, 9, 2, 0, 9],
    ];
    assert_eq!(mask(&frame("s", objects)).unwrap(), expected.concat());
}

#[test]
fn nothing_detected_is_an_empty_sequence() {
    let unseen = object(1, Some("cup"), [0; 6]);
    assert_eq!(detections(&frame("s", vec![unseen])), [&[0, 1, 0, 0], HEADER, &[0; 4]].concat());
}

#[test]
fn a_detection_is_these_bytes() {
    let double = |value: f64| value.to_le_bytes();
    let expected = [
        &[0, 1, 0, 0][..],
        HEADER,
        &[1, 0, 0, 0],
        HEADER,
        // One hypothesis; "cup"; behind 20 + 16 + 4 + 8 bytes a number of 8 needs none in between.
        &[1, 0, 0, 0, 4, 0, 0, 0, b'c', b'u', b'p', 0],
        &double(0.5),
        // The mask has the right and the middle column of the upper row: its centroid is (2, 0.5).
        &[double(2.0), double(0.5), double(0.0)].concat(),
        &[double(0.0), double(0.0), double(0.0), double(1.0)].concat(),
        &[0; 36 * 8],
        // A box from 1 to 3 and 0 to 1.
        &[double(2.0), double(0.5), double(0.0), double(2.0), double(1.0)].concat(),
        &[3, 0, 0, 0, b'1', b'2', 0],
    ];
    let frame = frame("s", vec![object(12, Some("cup"), [0, 1, 1, 0, 0, 0])]);
    assert_eq!(detections(&frame), expected.concat());
}

#[test]
fn the_clock_of_messages_ends_in_2038() {
    assert_eq!(super::time(1_999_999_999), (1, 999_999_999));
    assert_eq!(super::time(u64::MAX), (i32::MAX, 709_551_615));
}

fn any_object() -> impl Strategy<Value = TrackedObject> {
    let edges = proptest::option::of([0..9_000_u32, 0..9_000, 0..9_000, 0..9_000]);
    let name = proptest::option::of("[^\\x00]{0,20}");
    (1..u32::MAX, name, edges, any::<[f32; 2]>(), 0.0..=1.0_f32).prop_map(|(id, name, bbox, centroid, score)| {
        let seen = object(id, name.as_deref(), [0; 6]);
        TrackedObject { bbox, centroid: bbox.map(|_| centroid), score, ..seen }
    })
}

proptest! {
    #[test]
    fn what_is_written_is_what_another_decoder_reads(
        stream in "[^\\x00]{0,20}",
        unix_ns in 0..i32::MAX as u64 * 1_000_000_000,
        objects in proptest::collection::vec(any_object(), 0..5),
    ) {
        let mut frame = frame(&stream, objects);
        frame.frame.stamp.capture.unix_ns = unix_ns;
        let read = decode::detections(&detections(&frame)).unwrap();
        let header = decode::Header {
            seconds: (unix_ns / 1_000_000_000) as i32,
            nanoseconds: (unix_ns % 1_000_000_000) as u32,
            frame_id: stream,
        };
        let boxed: Vec<_> = frame.objects.iter().filter(|object| object.bbox.is_some()).collect();
        prop_assert_eq!((&read.header, read.detections.len()), (&header, boxed.len()));
        for (found, object) in read.detections.iter().zip(boxed) {
            let id = object.id.to_string();
            let [x0, y0, x1, y1] = object.bbox.unwrap().map(f64::from);
            let [x, y] = object.centroid.unwrap().map(f64::from);
            prop_assert_eq!(&found.header, &header);
            prop_assert_eq!(&found.class_id, object.name.as_deref().unwrap_or(&id));
            prop_assert_eq!((&found.id, found.score, found.theta), (&id, f64::from(object.score), 0.0));
            prop_assert_eq!(found.centre, [(x0 + x1) / 2.0, (y0 + y1) / 2.0]);
            prop_assert_eq!(found.size, [x1 - x0, y1 - y0]);
            prop_assert_eq!((found.position, found.orientation), ([x, y, 0.0], [0.0, 0.0, 0.0, 1.0]));
            prop_assert!(found.covariance.iter().all(|value| *value == 0.0));
        }
    }

    #[test]
    fn an_image_is_read_whatever_its_stream_is_called(stream in "[^\\x00]{0,20}") {
        let frame = frame(&stream, vec![object(9, None, [0, 1, 1, 0, 0, 1])]);
        let read = decode::image(&mask(&frame).unwrap()).unwrap();
        prop_assert_eq!((read.header.frame_id, read.encoding), (stream, "mono8".to_owned()));
        prop_assert_eq!((read.width, read.height, read.step, read.data), (3, 2, 3, vec![0, 9, 9, 0, 0, 9]));
    }
}

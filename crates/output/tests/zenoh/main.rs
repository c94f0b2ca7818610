//! What other processes read over Zenoh, and what a hanging one costs.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation is a failed test")]

#[path = "../common/mod.rs"]
mod common;
mod decode;
mod frames;
mod hanging;
mod reader;

use std::net::TcpListener;
use std::time::{Duration, Instant};

use common::live::{PATIENCE, event, shot, status};
use frames::{NAMED_NS, labels, street};
use maskd_output::zenoh::{ZenohConfig, ZenohFormat, ZenohSink};
use maskd_output::{OutputError, Sink};
use maskd_types::{CaptureTime, ObjectEventKind, SourceState, TrackedFrame};
use reader::{Body, Order, Reader, Seen};

const DETECTIONS: &str = "0/maskd/front_door/detections/vision_msgs::msg::dds_::Detection2DArray_/\
                          RIHS01_214274120007f4a683866481336b70310268cfa107aebe9d594a6acf75bda968";
const MASK: &str = "0/maskd/front_door/mask/sensor_msgs::msg::dds_::Image_/\
                    RIHS01_d31d41a9a4c4bc8eae9be757b0beed306564f7526c88ea6a4588fb9582527d47";

fn endpoint() -> String {
    format!("tcp/{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap())
}

/// A sink that listens, and a process that is connected to it and reads.
fn pair(format: ZenohFormat, key: &str) -> (ZenohSink, Reader) {
    let at = endpoint();
    let listen = vec![at.clone()];
    // Connected to nobody, so that nothing of the machine's network takes part.
    let connect = vec![endpoint()];
    let mut sink = ZenohSink::open(ZenohConfig { connect, listen, format, ..ZenohConfig::default() }).unwrap();
    let reader = Reader::start(&Order { connect: vec![at], key: key.into(), bodies: true, ..Order::default() });
    until_read(&mut sink, &reader);
    (sink, reader)
}

/// Writes frames of a stream of their own until the first is seen.
fn until_read(sink: &mut dyn Sink, reader: &Reader) {
    let (mut number, deadline) = (0, Instant::now() + PATIENCE);
    let come = || reader.seen().any(|seen| matches!(seen, Seen::Message { .. }));
    while !come() {
        assert!(Instant::now() < deadline, "nothing arrives");
        sink.write(&shot("probe", number)).unwrap();
        number += 1;
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn near(a: &[f64], b: &[f64]) {
    assert!(a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9), "{a:?} is not {b:?}");
}

fn check_detections(body: Body, frame: &TrackedFrame) {
    let Body::Detections(message) = body else { panic!("{body:?}") };
    let capture = frame.frame.stamp.capture.unix_ns;
    let stamp = message.header.seconds as u64 * 1_000_000_000 + u64::from(message.header.nanoseconds);
    assert_eq!((stamp, message.header.frame_id.as_str()), (capture, "front-door"));
    let boxed: Vec<_> = frame.objects.iter().filter(|object| object.bbox.is_some()).collect();
    assert_eq!(message.detections.len(), boxed.len());
    for (found, object) in message.detections.iter().zip(boxed) {
        let [x0, y0, x1, y1] = object.bbox.unwrap().map(f64::from);
        assert_eq!((&found.header, &found.id), (&message.header, &object.id.to_string()));
        assert_eq!(found.class_id, object.name.as_deref().unwrap_or(&found.id));
        near(&[found.score, found.theta], &[f64::from(object.score), 0.0]);
        near(&found.centre, &[(x0 + x1) / 2.0, (y0 + y1) / 2.0]);
        near(&found.size, &[x1 - x0, y1 - y0]);
        let [x, y] = object.centroid.unwrap().map(f64::from);
        near(&found.position, &[x, y, 0.0]);
        near(&found.orientation, &[0.0, 0.0, 0.0, 1.0]);
        near(&found.covariance, &[0.0; 36]);
    }
}

fn check_mask(body: Body, frame: &TrackedFrame) {
    let Body::Image(image) = body else { panic!("{body:?}") };
    let stamp = image.header.seconds as u64 * 1_000_000_000 + u64::from(image.header.nanoseconds);
    assert_eq!((stamp, image.header.frame_id.as_str()), (frame.frame.stamp.capture.unix_ns, "front-door"));
    assert_eq!([image.width, image.height, image.step], [frame.frame.width, frame.frame.height, frame.frame.width]);
    assert_eq!((image.encoding.as_str(), image.is_bigendian), ("mono8", 0));
    assert_eq!(image.data, labels(frame));
}

#[test]
fn boxes_stamps_and_masks_are_read_as_they_were_written() {
    let (mut sink, reader) = pair(ZenohFormat::Cdr, "0/**");
    let mut publishers = Vec::new();
    for number in 0..10_u64 {
        let frame = street(number);
        let before = CaptureTime::now().unix_ns as i64;
        sink.write(&frame).unwrap();
        // The priorities of the two differ, and with them the order in which they may come.
        let (a, b) = (reader.message("/front_door/"), reader.message("/front_door/"));
        let (detections, mask) = if a.0 == DETECTIONS { (a, b) } else { (b, a) };
        assert_eq!((detections.0.as_str(), mask.0.as_str()), (DETECTIONS, MASK));
        check_detections(detections.2, &frame);
        check_mask(mask.2, &frame);
        for attachment in [detections.1.unwrap(), mask.1.unwrap()] {
            assert_eq!(attachment.number, number as i64 + 1);
            assert!((before..=CaptureTime::now().unix_ns as i64).contains(&attachment.unix_ns));
            publishers.push(attachment.publisher);
        }
    }
    publishers.sort();
    publishers.dedup();
    assert_eq!(publishers.len(), 2, "a publisher keeps its name, and shares it with no other");
    sink.finish().unwrap();
    assert!(matches!(sink.write(&street(0)), Err(OutputError::Closed { .. })));
}

#[test]
fn frames_events_and_states_are_json_on_plain_keys() {
    let (mut sink, reader) = pair(ZenohFormat::Both, "maskd/**");
    sink.notice(&status("front-door", SourceState::Live)).unwrap();
    let (key, _, body) = reader.message("front-door/status");
    let Body::Json(json) = body else { panic!("{body:?}") };
    assert_eq!(
        (key.as_str(), &json["state"], &json["event"]),
        ("maskd/front-door/status", &"live".into(), &"status".into())
    );
    let frame = street(3);
    sink.write(&frame).unwrap();
    let (key, attachment, body) = reader.message("front-door/objects");
    let Body::Json(json) = body else { panic!("{body:?}") };
    assert_eq!((key.as_str(), attachment), ("maskd/front-door/objects", None));
    assert_eq!((&json["frame"], &json["capture_unix_ns"]), (&3.into(), &(NAMED_NS + 3).into()));
    assert_eq!(json["objects"].as_array().unwrap().len(), frame.objects.len());
    assert_eq!(json["objects"][0]["mask"], serde_json::to_value(&frame.objects[0].mask).unwrap());
    sink.notice(&event("front-door", ObjectEventKind::Lost, 3)).unwrap();
    let (_, _, body) = reader.message("front-door/events");
    let Body::Json(json) = body else { panic!("{body:?}") };
    assert_eq!((&json["kind"], &json["object"]), (&"lost".into(), &1.into()));
}

#[test]
fn json_alone_is_no_part_of_a_ros_graph() {
    let (mut sink, reader) = pair(ZenohFormat::Json, "**");
    sink.write(&street(0)).unwrap();
    sink.notice(&status("front-door", SourceState::Ended)).unwrap();
    loop {
        let Seen::Message { key, encoding, .. } = reader.next() else { panic!("a token") };
        assert!(key.starts_with("maskd/") && encoding == "application/json", "{key} {encoding}");
        if key == "maskd/front-door/status" {
            return;
        }
    }
}

#[test]
fn a_ros_graph_is_told_of_the_node_and_its_topics_and_of_their_end() {
    let at = endpoint();
    let config = ZenohConfig { connect: vec![endpoint()], listen: vec![at.clone()], ..ZenohConfig::default() };
    let mut sink = ZenohSink::open(config).unwrap();
    sink.write(&street(0)).unwrap();
    let reader = Reader::start(&Order { connect: vec![at], key: "0/**".into(), ..Order::default() });
    let mut tokens = told(&reader, true);
    tokens.sort_by_key(|token| token.len());
    let session = tokens[0].split('/').nth(2).unwrap().to_owned();
    assert!(session.len() > 8 && session.chars().all(|c| c.is_ascii_hexdigit()), "{session}");
    let [detections, mask] = [DETECTIONS, MASK].map(|key| key.rsplitn(3, '/').take(2).collect::<Vec<_>>());
    let publisher = |entity: u32, leaf: &str, of: &[&str]| {
        let begin = format!("@ros2_lv/0/{session}/0/{entity}/MP/%/%/maskd/%maskd%front_door%{leaf}");
        format!("{begin}/{}/{}/::,10:,:,:,,", of[1], of[0])
    };
    let mut expected = vec![
        format!("@ros2_lv/0/{session}/0/0/NN/%/%/maskd"),
        publisher(1, "detections", &detections),
        publisher(2, "mask", &mask),
    ];
    expected.sort_by_key(|token| token.len());
    assert_eq!(tokens, expected);
    sink.finish().unwrap();
    let mut gone = told(&reader, false);
    gone.sort_by_key(|token| token.len());
    assert_eq!(gone, expected);
}

/// Waits for three tokens to come or go.
fn told(reader: &Reader, coming: bool) -> Vec<String> {
    let mut tokens = Vec::new();
    while tokens.len() < 3 {
        if let Seen::Token { key, alive } = reader.next() {
            assert_eq!(alive, coming, "{key}");
            tokens.push(key);
        }
    }
    tokens
}

#[test]
fn who_is_to_be_connected_to_may_come_later() {
    let at = endpoint();
    let config = ZenohConfig { connect: vec![at.clone()], listen: vec![endpoint()], ..ZenohConfig::default() };
    let started = Instant::now();
    let mut sink = ZenohSink::open(config).unwrap();
    sink.write(&street(0)).unwrap();
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    let reader = Reader::start(&Order { listen: vec![at], key: "0/**".into(), ..Order::default() });
    until_read(&mut sink, &reader);
}

#[test]
fn what_cannot_be_used_is_refused() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let config = || ZenohConfig { connect: vec![endpoint()], ..ZenohConfig::default() };
    let listen = vec![format!("tcp/{}", taken.local_addr().unwrap())];
    let error = ZenohSink::open(ZenohConfig { listen, ..config() }).err().unwrap();
    assert!(matches!(error, OutputError::Zenoh { .. }), "{error}");
    for prefix in ["", "a//b", "a/**", "a$*", "a?b"] {
        let error = ZenohSink::open(ZenohConfig { prefix: prefix.into(), ..config() }).err().unwrap();
        assert!(matches!(&error, OutputError::Address { found, .. } if found == prefix), "{error}");
    }
}

//! A robot in another process reads masks over Zenoh, decoding CDR by code of its own.

#[path = "../../crates/output/tests/zenoh/decode.rs"]
mod decode;

use std::collections::HashMap;
use std::time::Instant;

use serde_json::{Value, json};
use zenoh::{Config, Session, Wait};

use self::decode::{Detections, Image, detections, image};
use super::{BASE, Daemon, PATIENCE, assert_labels, endless, frames, free_port, lines, lines_sink, scene_stream};
use crate::util::Folder;

/// Frames of which boxes and label image are compared with the lines.
const COMPARED: usize = 8;

fn connected_to(endpoint: &str) -> Session {
    let mut config = Config::default();
    config.insert_json5("connect/endpoints", &json!([endpoint]).to_string()).unwrap();
    config.insert_json5("scouting/multicast/enabled", "false").unwrap();
    zenoh::open(config).wait().unwrap()
}

/// What a robot has received, by capture time.
#[derive(Default)]
struct Received {
    boxes: HashMap<u64, Detections>,
    masks: HashMap<u64, Image>,
}

impl Received {
    fn take(&mut self, key: &str, bytes: &[u8]) {
        if key.contains("::Detection2DArray_") {
            let message = detections(bytes).unwrap();
            self.boxes.insert(stamp(&message.header), message);
        } else if key.contains("::Image_") {
            let message = image(bytes).unwrap();
            self.masks.insert(stamp(&message.header), message);
        }
    }

    fn both(&self) -> usize {
        self.boxes.keys().filter(|stamp| self.masks.contains_key(stamp)).count()
    }
}

fn stamp(header: &decode::Header) -> u64 {
    header.seconds as u64 * 1_000_000_000 + u64::from(header.nanoseconds)
}

#[test]
fn a_robot_reads_over_zenoh_what_the_lines_say() {
    let (folder, endpoint) = (Folder::new(), format!("tcp/127.0.0.1:{}", free_port()));
    let to = folder.name("lines.ndjson");
    let config = BASE.to_owned()
        + &scene_stream("a", &endless(7))
        + &lines_sink("lines", &to, "block")
        + &format!("[[sink]]\nkind = \"zenoh\"\nname = \"ros\"\nlisten = [\"{endpoint}\"]\n");
    let mut daemon = Daemon::start(&folder, &config, &[]);
    daemon.wait("frames", |_| (!frames(&lines(&to), "a").is_empty()).then_some(()));
    let session = connected_to(&endpoint);
    let messages = session.declare_subscriber("0/maskd/a/**").wait().unwrap();
    let (mut received, start) = (Received::default(), Instant::now());
    while received.both() < COMPARED {
        assert!(start.elapsed() < PATIENCE, "{} frames in time: {}", received.both(), daemon.log());
        if let Ok(Some(sample)) = messages.recv_timeout(PATIENCE) {
            received.take(sample.key_expr().as_str(), &sample.payload().to_bytes());
        }
    }
    daemon.terminate();
    let told: HashMap<u64, Value> =
        frames(&lines(&to), "a").into_iter().map(|line| (line["capture_unix_ns"].as_u64().unwrap(), line)).collect();
    let mut compared = 0;
    for (stamp, boxes) in &received.boxes {
        let Some(labels) = received.masks.get(stamp) else { continue };
        let objects = told[stamp]["objects"].as_array().unwrap();
        assert_eq!(boxes.header.frame_id, "a");
        compare_boxes(boxes, objects);
        compare_labels(labels, objects);
        compared += 1;
    }
    assert!(compared >= COMPARED, "{compared}");
}

fn compare_boxes(message: &Detections, objects: &[Value]) {
    let boxed: Vec<_> = objects.iter().filter(|object| object["box"].is_array()).collect();
    assert_eq!(message.detections.len(), boxed.len());
    for (found, object) in message.detections.iter().zip(boxed) {
        let [x0, y0, x1, y1] = [0, 1, 2, 3].map(|edge| object["box"][edge].as_f64().unwrap());
        assert_eq!(
            (found.id.as_str(), found.class_id.as_str()),
            (&*object["id"].to_string(), object["name"].as_str().unwrap())
        );
        assert_eq!((found.centre, found.size), ([(x0 + x1) / 2.0, (y0 + y1) / 2.0], [x1 - x0, y1 - y0]));
    }
}

fn compare_labels(labels: &Image, objects: &[Value]) {
    assert_eq!((labels.encoding.as_str(), labels.width, labels.height, labels.step), ("mono8", 192, 128, 192));
    assert_labels(&labels.data, objects);
}

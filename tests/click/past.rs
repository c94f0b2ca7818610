//! A click arrives late. It counts on the picture that it was aimed at.

use std::time::Duration;

use maskd_scene::Truth;
use serde_json::{Value, json};

use super::live::{Viewer, paced};
use super::{Api, Truths, inside, mask};
use crate::daemon::{BASE, Daemon, frames, lines, lines_sink};
use crate::util::Folder;

/// Few frames per second of the scene's time make everything in it fast.
const SCENE: &str = "scene://?seed=1&objects=3&frames=1000000&size=480x272&fps=8";

/// How late a click is.
const DELAY: Duration = Duration::from_millis(300);

fn config(to: &str) -> String {
    // The model at its own size: here it has to know what it sees.
    let base = BASE.replace("image_size = 128\n", "");
    let stream = paced("a", SCENE);
    let bare = stream.split("[[stream.prompt]]").next().unwrap();
    base + bare + &lines_sink("lines", to, "drop_oldest")
}

/// Frames of the scene that a test lives through at most.
const LIFE: usize = 240;

/// The object that moves farthest within the delay, and a point on it, on a frame that is shown.
fn fast(truths: &Truths, number: u64) -> (u32, [f64; 2]) {
    let candidates = truths.at(number).iter().filter(|object| object.hidden < 0.05 && object.visible.area() > 1200);
    let stays = |object: &Truth| object.visible.iou(truths.mask(number + 2, object.id.get()));
    let best = candidates.min_by(|a, b| stays(a).total_cmp(&stays(b))).unwrap();
    (best.id.get(), inside(&best.visible))
}

fn click(api: &Api, frame: Value, [x, y]: [f64; 2]) -> (u16, Value) {
    api.call("POST", "/api/v1/streams/a/objects", json!({ "frame": frame, "points": [[x, y, 1]], "name": "runner" }))
}

#[test]
fn a_late_click_outlines_what_it_was_aimed_at() {
    let truths = Truths::of(SCENE, LIFE);
    let folder = Folder::new();
    let to = folder.name("lines");
    let mut daemon = Daemon::start(&folder, &config(&to), &[]);
    let api = Api::of(&mut daemon);
    let mut viewer = Viewer::open(&api, "a");
    let (mut aimed, mut unaimed) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let shown = (0..6).map(|_| viewer.next()).last().unwrap().number;
        let (id, point) = fast(&truths, shown);
        std::thread::sleep(DELAY);
        let (status, reply) = click(&api, json!(shown), point);
        assert_eq!(status, 201, "{reply}");
        assert_eq!(reply["applied_frame"], shown);
        assert!(reply["behind_frames"].as_u64().unwrap() >= 1, "{reply}");
        assert!(reply["caught_up_frame"].as_u64().unwrap() > shown, "{reply}");
        assert!(reply["catch_up_ms"].as_f64().unwrap() < 5000.0, "{reply}");
        aimed.push(mask(&reply["mask"]).iou(truths.mask(shown, id)));
        let object = reply["id"].as_u64().unwrap();
        follow(&mut daemon, &to, object);
        // The same click on what is there by now.
        let (status, reply) = click(&api, Value::Null, point);
        assert_eq!(status, 201, "{reply}");
        let at = reply["applied_frame"].as_u64().unwrap();
        unaimed.push(mask(&reply["mask"]).iou(truths.mask(at, id)));
        for object in [object, reply["id"].as_u64().unwrap()] {
            assert_eq!(api.call("DELETE", &format!("/api/v1/streams/a/objects/{object}"), Value::Null).0, 204);
        }
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    assert!(mean(&aimed) > 0.55 && mean(&aimed) > mean(&unaimed) + 0.25, "aimed {aimed:?}, unaimed {unaimed:?}");
    daemon.terminate();
}

/// The object is in what sinks get, from the frame on which it has caught up, with its name.
fn follow(daemon: &mut Daemon, to: &str, object: u64) {
    daemon.wait("the object in the lines", |_| {
        let last = frames(&lines(to), "a").pop()?;
        let found = last["objects"].as_array()?.iter().find(|known| known["id"] == object)?.clone();
        (found["name"] == "runner").then_some(())
    });
}

#[test]
fn a_frame_that_is_forgotten_or_never_was_is_told() {
    let folder = Folder::new();
    let config = config(&folder.name("lines")).replace("[http]", "[tracking]\nprompt_ring_frames = 4\n[http]");
    let mut daemon = Daemon::start(&folder, &config, &[]);
    let api = Api::of(&mut daemon);
    let mut viewer = Viewer::open(&api, "a");
    while viewer.next().number < 12 {}
    let (status, problem) = click(&api, json!(2), [150.0, 150.0]);
    assert_eq!((status, &problem["type"]), (410, &json!("https://maskd.dev/problems/frame-gone")), "{problem}");
    let (oldest, newest) = (problem["oldest"].as_u64().unwrap(), problem["newest"].as_u64().unwrap());
    assert!(oldest > 2 && newest >= oldest, "{problem}");
    let (status, problem) = click(&api, json!(1_000_000), [150.0, 150.0]);
    assert_eq!(status, 422, "{problem}");
    let (_, stream) = api.get("/api/v1/streams/a");
    assert_eq!((&stream["ring"]["frames"], &stream["objects"]), (&json!(4), &json!(0)), "{stream}");
    daemon.terminate();
}

#[test]
fn without_a_ring_a_click_counts_on_the_next_frame() {
    let folder = Folder::new();
    let config = config(&folder.name("lines")).replace("[http]", "[tracking]\nprompt_ring_frames = 0\n[http]");
    let mut daemon = Daemon::start(&folder, &config, &[]);
    let api = Api::of(&mut daemon);
    let newest = api.newest("a");
    let (status, reply) = click(&api, Value::Null, [240.0, 136.0]);
    assert_eq!(status, 201, "{reply}");
    assert!(reply["applied_frame"].as_u64().unwrap() > newest && reply["behind_frames"] == 0, "{reply}");
    assert_eq!(reply["caught_up_frame"], reply["applied_frame"]);
    daemon.terminate();
}

#[test]
fn a_correction_counts_on_the_frame_that_it_names() {
    let truths = Truths::of(SCENE, LIFE);
    let folder = Folder::new();
    let to = folder.name("lines");
    let mut daemon = Daemon::start(&folder, &config(&to), &[]);
    let api = Api::of(&mut daemon);
    let mut viewer = Viewer::open(&api, "a");
    let shown = (0..4).map(|_| viewer.next()).last().unwrap().number;
    let (now, point) = fast(&truths, shown);
    let (_, reply) = click(&api, json!(shown), point);
    let object = reply["id"].as_u64().unwrap();
    let later = (0..4).map(|_| viewer.next()).last().unwrap().number;
    std::thread::sleep(DELAY);
    let other = &truths
        .at(later)
        .iter()
        .filter(|object| object.id.get() != now)
        .max_by_key(|o| o.visible.area())
        .unwrap()
        .visible;
    let correction = json!({ "frame": later, "mask": serde_json::to_value(other).unwrap() });
    let (status, reply) = api.call("POST", &format!("/api/v1/streams/a/objects/{object}/prompts"), correction);
    assert_eq!((status, &reply["applied_frame"]), (200, &json!(later)), "{reply}");
    assert_eq!((&reply["id"], &reply["name"]), (&json!(object), &json!("runner")));
    assert!(mask(&reply["mask"]).iou(other) > 0.7, "a mask that is given is the object from then on");
    // What becomes of it on the way to the present is the network's; the tracker's tests compare it with a correction in time.
    assert!(reply["caught_up_frame"].as_u64().unwrap() > later, "{reply}");
    daemon.terminate();
}

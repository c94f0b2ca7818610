//! Cameras that misbehave, on the RTSP server library.

use std::sync::Arc;
use std::time::Duration;

use maskd_camsim::{Camera, CameraConfig, Codec, Footage};
use maskd_scene::Truth;
use maskd_types::{FrameRate, Rle};
use serde_json::Value;

use super::{BASE, Daemon, events, frames, lines, lines_sink, scene_stream, states};
use crate::util::{Folder, SCENE};

fn camera() -> Camera {
    Camera::start(CameraConfig {
        footage: Footage::Scene { seed: 3, objects: 3 },
        size: (320, 192),
        rate: FrameRate { numerator: 10, denominator: 1 },
        barcode: false,
        codec: Codec::H264,
        ..CameraConfig::default()
    })
    .unwrap()
}

/// A stream on the camera with a box around each object of its first frame.
fn camera_stream(camera: &Camera) -> String {
    let scene = scene_stream("cam", "scene://?seed=3&objects=3&size=320x192&fps=10");
    let source = scene.lines().find(|line| line.starts_with("source")).unwrap();
    scene.replace(source, &format!("source = \"{}\"", camera.url()))
}

fn iou(mask: &Value, truth: &Rle) -> f64 {
    let mask: Rle = serde_json::from_value(mask.clone()).unwrap();
    let (mask, truth) = (mask.decode(), truth.decode());
    let pairs = || mask.data().iter().zip(truth.data());
    let both = pairs().filter(|(a, b)| **a == 1 && **b == 1).count();
    let any = pairs().filter(|(a, b)| **a == 1 || **b == 1).count();
    both as f64 / any.max(1) as f64
}

/// The IoU of each object of a line with the truth of the frame among the camera's last ones that it fits best: lines carry their own
/// numbers, not the camera's.
fn ious(camera: &Camera, line: &Value) -> Vec<(u64, f64)> {
    let last = camera.frames();
    let truths: Vec<Arc<[Truth]>> = (last.saturating_sub(40)..last).filter_map(|number| camera.truth(number)).collect();
    let objects = line["objects"].as_array().unwrap();
    let fit = |object: &Value| {
        let id = object["id"].as_u64().unwrap();
        let of = truths.iter().flat_map(|truths| truths.iter().filter(|truth| u64::from(truth.id.get()) == id));
        (id, of.map(|truth| iou(&object["mask"], &truth.visible)).fold(0.0, f64::max))
    };
    objects.iter().map(fit).collect()
}

#[test]
fn tracks_outlive_a_camera_that_reboots_while_another_stream_goes_on() {
    let folder = Folder::new();
    let (cam, file) = (folder.name("cam.ndjson"), folder.name("file.ndjson"));
    let mut camera = camera();
    let endless = SCENE.replace("frames=12", "frames=1000000");
    let sink = |name: &str, to: &str| lines_sink(name, to, "drop_oldest") + &format!("streams = [\"{name}\"]\n");
    let config = BASE.to_owned()
        + "[tracking]\nkeep_tracks_s = 60\n"
        + &camera_stream(&camera)
        + &scene_stream("file", &endless)
        + &sink("cam", &cam)
        + &sink("file", &file);
    let mut daemon = Daemon::start(&folder, &config, &[]);
    daemon.wait("ten frames of the camera", |_| (frames(&lines(&cam), "cam").len() > 10).then_some(()));
    let ids: Vec<u64> = ious(&camera, frames(&lines(&cam), "cam").last().unwrap()).iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, [1, 2, 3]);

    camera.stop().unwrap();
    daemon
        .wait("the loss of the camera", |_| states(&lines(&cam), "cam").contains(&"backoff".to_owned()).then_some(()));
    let before = frames(&lines(&file), "file").len();
    std::thread::sleep(Duration::from_secs(1));
    assert!(frames(&lines(&file), "file").len() > before + 3, "the other stream stood still");
    let seen = frames(&lines(&cam), "cam").len();
    camera.restart().unwrap();
    daemon.wait("the camera's return", |_| (frames(&lines(&cam), "cam").len() > seen + 5).then_some(()));

    let lines = lines(&cam);
    let all = frames(&lines, "cam");
    assert!(states(&lines, "cam").ends_with(&["live".to_owned()]), "{:?}", states(&lines, "cam"));
    let back = &all[seen];
    let reacquired = back["objects"].as_array().unwrap().iter().filter(|o| o["state"] == "reacquired").count();
    assert!(reacquired >= 2, "{back}");
    let found = ious(&camera, all.last().unwrap());
    assert_eq!(found.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [1, 2, 3]);
    // The small model at its smallest size is no good tracker; what has lost its objects is near 0.
    let mean = found.iter().map(|(_, iou)| iou).sum::<f64>() / found.len() as f64;
    assert!(mean > 0.3, "{found:?}");
    assert!(!events(&lines, "cam").iter().any(|(_, kind)| kind == "end"));
    daemon.terminate();
}

#[test]
fn tracks_of_a_camera_that_stays_away_are_lost_and_end() {
    let folder = Folder::new();
    let to = folder.name("lines.ndjson");
    let mut camera = camera();
    let config = BASE.to_owned()
        + "[tracking]\nkeep_tracks_s = 1\n"
        + &camera_stream(&camera)
        + &lines_sink("lines", &to, "drop_oldest");
    let mut daemon = Daemon::start(&folder, &config, &[]);
    daemon.wait("frames", |_| (frames(&lines(&to), "cam").len() > 3).then_some(()));
    camera.stop().unwrap();
    let ended = |kind: &str, lines: &[Value]| events(lines, "cam").iter().filter(|(_, k)| k == kind).count();
    daemon.wait("the end of the tracks", |_| (ended("end", &lines(&to)) == 3).then_some(()));
    assert_eq!(ended("lost", &lines(&to)), 3);
    camera.restart().unwrap();
    let seen = frames(&lines(&to), "cam").len();
    daemon.wait("frames without objects", |_| {
        let all = frames(&lines(&to), "cam");
        (all.len() > seen).then(|| assert_eq!(all.last().unwrap()["objects"].as_array().unwrap().len(), 0))
    });
}

#[test]
fn a_wrong_password_is_told_and_other_streams_go_on() {
    let folder = Folder::new();
    let to = folder.name("lines.ndjson");
    let mut camera = camera();
    camera.set_credentials(Some(maskd_camsim::Credentials { user: "eye".into(), password: "s3cret".into() }));
    let endless = SCENE.replace("frames=12", "frames=1000000");
    let url = camera.url_as(None);
    let config = BASE.to_owned()
        + &format!(
            "[[stream]]\nname = \"cam\"\nsource = \"{url}\"\nuser_env = \"CAM_USER\"\npassword_env = \"CAM_PASS\"\n"
        )
        + &scene_stream("file", &endless)
        + &lines_sink("lines", &to, "drop_oldest");
    let mut daemon = Daemon::start_with(&folder, &config, &[], &[("CAM_USER", "eye"), ("CAM_PASS", "hunter2")]);
    daemon.wait("auth_failed", |_| states(&lines(&to), "cam").contains(&"auth_failed".to_owned()).then_some(()));
    let seen = frames(&lines(&to), "file").len();
    daemon.wait("the other stream", |_| (frames(&lines(&to), "file").len() > seen + 3).then_some(()));
    assert!(!daemon.log().contains("hunter2"), "the password is in the log");
    daemon.terminate();
}

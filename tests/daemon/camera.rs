//! Cameras that misbehave, on the RTSP server library.

use std::time::Duration;

use maskd_camsim::CameraProcess;
use serde_json::Value;

use super::film::{assert_followed, camera, camera_stream, ids};
use super::{BASE, Daemon, endless, events, frames, lines, lines_sink, pace, scene_stream, states};
use crate::util::Folder;

#[test]
fn tracks_outlive_a_camera_that_reboots_while_another_stream_goes_on() {
    let folder = Folder::new();
    let (cam, file) = (folder.name("cam.ndjson"), folder.name("file.ndjson"));
    let mut camera = camera();
    let sink = |name: &str, to: &str| lines_sink(name, to, "drop_oldest") + &format!("streams = [\"{name}\"]\n");
    let config = BASE.to_owned()
        + "[tracking]\nkeep_tracks_s = 60\n"
        + &camera_stream(&camera)
        + &scene_stream("file", &endless(7))
        + &sink("cam", &cam)
        + &sink("file", &file);
    let mut daemon = Daemon::start(&folder, &config, &[]);
    daemon.wait("ten frames of the camera", |_| (frames(&lines(&cam), "cam").len() > 10).then_some(()));
    assert_followed(&camera, &frames(&lines(&cam), "cam"), &[1, 2]);

    let away = pace::now();
    camera.stop().unwrap();
    daemon
        .wait("the loss of the camera", |_| states(&lines(&cam), "cam").contains(&"backoff".to_owned()).then_some(()));
    std::thread::sleep(Duration::from_secs(1));
    let seen = frames(&lines(&cam), "cam").len();
    camera.restart().unwrap();
    daemon.wait("the camera's return", |_| (frames(&lines(&cam), "cam").len() > seen + 5).then_some(()));
    pace::assert_kept(&lines(&file), "file", &(away..pace::now()));

    let lines = lines(&cam);
    let all = frames(&lines, "cam");
    assert!(states(&lines, "cam").ends_with(&["live".to_owned()]), "{:?}", states(&lines, "cam"));
    assert!(all.iter().all(|line| ids(line) == [1, 2]));
    let back = &all[seen];
    let reacquired = back["objects"].as_array().unwrap().iter().filter(|o| o["state"] == "reacquired").count();
    // What had moved far while a slow machine looked elsewhere may have been out of sight by then.
    assert!(reacquired >= 1, "{back}");
    assert_followed(&camera, &all, &[1, 2]);
    assert!(!events(&lines, "cam").iter().any(|(_, kind)| kind == "end"));
    daemon.terminate();
}

#[test]
fn tracks_outlive_a_camera_that_freezes_without_a_word_while_another_stream_goes_on() {
    let folder = Folder::new();
    let (to, camera) = (folder.name("lines.ndjson"), camera());
    let config = BASE.to_owned()
        + "[tracking]\nkeep_tracks_s = 60\n"
        + &camera_stream(&camera)
        + &scene_stream("file", &endless(7))
        + &lines_sink("lines", &to, "drop_oldest");
    let mut daemon = Daemon::start(&folder, &config, &[]);
    daemon.wait("ten frames of the camera", |_| (frames(&lines(&to), "cam").len() > 10).then_some(()));
    let frozen = pace::now();
    camera.freeze();
    // Its connection stays open and is answered: only that nothing comes gives it away.
    daemon.wait("that it is noticed", |_| {
        let states = states(&lines(&to), "cam");
        ["stalled", "backoff"].iter().all(|state| states.contains(&(*state).to_owned())).then_some(())
    });
    let before = frames(&lines(&to), "cam").len();
    std::thread::sleep(Duration::from_secs(2));
    let seen = frames(&lines(&to), "cam").len();
    // Who connects anew may be shown the picture that it is frozen in.
    assert!(seen <= before + 1, "{} frames of a camera that is frozen", seen - before);
    camera.thaw();
    daemon.wait("the camera's return", |_| (frames(&lines(&to), "cam").len() > seen + 5).then_some(()));
    let trouble = frozen..pace::now();
    assert_followed(&camera, &frames(&lines(&to), "cam"), &[1, 2]);
    daemon.terminate();

    let written = lines(&to);
    let all = frames(&written, "cam");
    assert!(all.iter().all(|line| ids(line) == [1, 2]));
    let came_back =
        |line: &Value| line["objects"].as_array().unwrap().iter().any(|object| object["state"] == "reacquired");
    assert!(all[before..].iter().any(came_back), "{:?}", all[before]);
    assert!(!events(&written, "cam").iter().any(|(_, kind)| kind == "end" || kind == "lost"));
    pace::assert_kept(&written, "file", &trouble);
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
    daemon.wait("the end of the tracks", |_| (ended("end", &lines(&to)) == 2).then_some(()));
    assert_eq!(ended("lost", &lines(&to)), 2);
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
    let url = camera.url_as(None);
    let config = BASE.to_owned()
        + &format!(
            "[[stream]]\nname = \"cam\"\nsource = \"{url}\"\nuser_env = \"CAM_USER\"\npassword_env = \"CAM_PASS\"\n"
        )
        + &scene_stream("file", &endless(7))
        + &lines_sink("lines", &to, "drop_oldest");
    let mut daemon = Daemon::start_with(&folder, &config, &[], &[("CAM_USER", "eye"), ("CAM_PASS", "hunter2")]);
    daemon.wait("auth_failed", |_| states(&lines(&to), "cam").contains(&"auth_failed".to_owned()).then_some(()));
    let seen = frames(&lines(&to), "file").len();
    daemon.wait("the other stream", |_| (frames(&lines(&to), "file").len() > seen + 3).then_some(()));
    assert!(!daemon.log().contains("hunter2"), "the password is in the log");
    daemon.terminate();
}

/// It takes a source longer to leave such a camera than the tracker needs to have nothing more to do.
#[test]
fn the_end_of_a_stream_is_told_even_where_its_camera_does_not_answer() {
    let folder = Folder::new();
    let (to, camera) = (folder.name("lines.ndjson"), CameraProcess::start(&["--pattern"]).unwrap());
    let stream = format!("[[stream]]\nname = \"cam\"\nsource = \"{}\"\n", camera.url());
    let config = BASE.to_owned() + &stream + &lines_sink("lines", &to, "drop_oldest");
    let mut daemon = Daemon::start(&folder, &config, &[]);
    daemon.wait("frames", |_| (frames(&lines(&to), "cam").len() > 3).then_some(()));
    camera.pause().unwrap();
    std::thread::sleep(Duration::from_millis(500));
    let took = daemon.terminate();
    assert!(took.as_secs_f64() < 6.0, "it took {took:?}");
    assert_eq!(states(&lines(&to), "cam"), ["live", "ended"]);
    assert!(!daemon.log().contains("still busy"), "{}", daemon.log());
}

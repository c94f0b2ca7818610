//! Keys that take effect while the daemon runs.

use super::film::{camera, camera_stream};
use super::{BASE, Daemon, endless, events, frames, lines, lines_sink, scene_stream, states};
use crate::util::Folder;

#[test]
fn the_log_and_the_life_of_tracks_change_without_a_restart() {
    let folder = Folder::new();
    let to = folder.name("lines.ndjson");
    let mut camera = camera();
    let config = |level: &str, keep: u32| {
        BASE.to_owned()
            + &format!("[log]\nlevel = \"{level}\"\n[tracking]\nkeep_tracks_s = {keep}\n")
            + &camera_stream(&camera)
            + &scene_stream("file", &endless(7))
            + &lines_sink("lines", &to, "drop_oldest")
    };
    let (first, second, third) = (config("warn", 3600), config("info", 3600), config("error", 1));
    let mut daemon = Daemon::start(&folder, &first, &[]);
    daemon.wait("frames", |_| (frames(&lines(&to), "cam").len() > 3).then_some(()));
    assert!(!daemon.log().contains("INFO"), "{}", daemon.log());

    folder.file("maskd.toml", second);
    daemon.signal("-HUP");
    daemon
        .wait("the new level", |daemon| daemon.log().contains("INFO the new configuration is in force").then_some(()));
    camera.stop().unwrap();
    daemon.wait("the loss of the camera", |_| states(&lines(&to), "cam").contains(&"backoff".to_owned()).then_some(()));
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert!(!events(&lines(&to), "cam").iter().any(|(_, kind)| kind == "end"), "tracks ended early");

    let length = daemon.log().len();
    folder.file("maskd.toml", third);
    daemon.signal("-HUP");
    // The camera is away already; its time is up at once.
    daemon.wait("the end of the tracks", |_| {
        let ended = events(&lines(&to), "cam").iter().filter(|(_, kind)| kind == "end").count();
        (ended == 2).then_some(())
    });
    let told = daemon.log().split_off(length);
    assert!(!told.contains("INFO the new configuration") && !told.contains("WARN"), "{told}");
    assert!(!daemon.log().contains("with the next start only"), "{}", daemon.log());
    assert_eq!(states(&lines(&to), "file"), ["live"], "a stream that did not change was touched");
    daemon.terminate();
}

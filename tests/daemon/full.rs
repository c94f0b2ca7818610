//! A disk that fills up while the daemon records on it.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use super::film::{FOLLOWED, fit_scene, ids};
use super::{BASE, Daemon, frames, lines, lines_sink, metric, pace, scene_stream};
use crate::small_disk;
use crate::util::{Folder, frames_of, list};

#[test]
fn a_full_disk_stops_recordings_until_there_is_room_and_nothing_else() {
    small_disk::run_tests_on("16m", "daemon::full", 1);
}

/// Leaves no byte.
fn fill(path: &Path) {
    let mut ballast = File::create(path).unwrap();
    for size in [1 << 16, 1 << 12, 1] {
        while ballast.write_all(&vec![0; size]).is_ok() {}
    }
}

#[test]
#[ignore = "needs a small disk: a_full_disk_stops_recordings_until_there_is_room_and_nothing_else makes one"]
fn on_a_small_disk() {
    let folder = Folder::new();
    let (disk, to) = (small_disk::place(), folder.name("lines.ndjson"));
    let (recordings, ballast) = (disk.join("yard"), disk.join("ballast"));
    let videos = || list(&recordings).into_iter().filter(|name| name.ends_with("mkv")).collect::<Vec<_>>();
    let recorder = format!(
        "[[sink]]\nkind = \"file\"\nname = \"disk\"\ndirectory = {disk:?}\nsegment_s = 2\nreserve_bytes = 0\nndjson = true\n"
    );

    let config =
        BASE.to_owned() + &scene_stream("yard", FOLLOWED) + &lines_sink("lines", &to, "drop_oldest") + &recorder;
    let mut daemon = Daemon::start(&folder, &config, &[]);
    let http = daemon.http();
    daemon.wait("two segments", |_| (recordings.exists() && videos().len() > 1).then_some(()));

    let full = pace::now();
    fill(&ballast);
    daemon.wait("the complaint", |daemon| daemon.log().contains("No space left on device").then_some(()));
    std::thread::sleep(Duration::from_secs(4));
    assert_eq!(metric(http, "maskd_sink_working{sink=\"disk\",kind=\"file\"}"), 0.0);
    assert!(metric(http, "maskd_sink_errors_total{sink=\"disk\",kind=\"file\"}") >= 2.0, "it was not tried again");
    assert!(metric(http, "maskd_sink_dropped_total{sink=\"disk\",kind=\"file\",reason=\"sink_down\"}") > 0.0);
    assert_eq!(daemon.log().matches("a sink failed").count(), 1, "told once: {}", daemon.log());
    let trouble = full..pace::now();

    let cut_off = videos();
    fs::remove_file(&ballast).unwrap();
    daemon.wait("two further segments", |_| (videos().len() > cut_off.len() + 1).then_some(()));
    assert_eq!(metric(http, "maskd_sink_working{sink=\"disk\",kind=\"file\"}"), 1.0);
    assert_eq!(metric(http, "maskd_sink_errors_total{sink=\"lines\",kind=\"ndjson\"}"), 0.0);
    daemon.terminate();

    let written = lines(&to);
    pace::assert_kept(&written, "yard", &trouble);
    let all = frames(&written, "yard");
    assert!(all.iter().all(|line| ids(line) == [1, 2]));
    fit_scene(FOLLOWED, all.last().unwrap()).assert_good(&[1, 2]);
    for video in videos().iter().filter(|video| Some(*video) != cut_off.last()) {
        assert!(frames_of(&recordings.join(video)) > 0, "{video} does not play");
    }
    for name in list(&recordings).iter().filter(|name| name.ends_with("ndjson")) {
        let text = fs::read_to_string(recordings.join(name)).unwrap();
        assert!(text.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{name} is torn");
    }
}

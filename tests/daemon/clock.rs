//! A camera whose clock cannot be trusted.

use maskd_camsim::{Camera, CameraConfig, TimestampFault};

use super::film::{assert_followed, camera_stream, config, ids};
use super::{BASE, Daemon, endless, events, frames, lines, lines_sink, pace, scene_stream};
use crate::util::Folder;

/// Frames that have to come after each trouble.
const PROOF: usize = 12;

#[test]
fn frames_go_on_and_times_rise_whatever_the_clock_of_the_camera_does() {
    let folder = Folder::new();
    let to = folder.name("lines.ndjson");
    // The 32 bits of RTP's time end three seconds after the start.
    let camera = Camera::start(CameraConfig { rtp_offset: Some(u32::MAX - 270_000), ..config() }).unwrap();
    let config = BASE.to_owned()
        + "[tracking]\nkeep_tracks_s = 60\n"
        + &camera_stream(&camera)
        + &scene_stream("file", &endless(7))
        + &lines_sink("lines", &to, "drop_oldest");
    let mut daemon = Daemon::start(&folder, &config, &[]);
    let mut go_on = |what: &str, more: usize| {
        let seen = frames(&lines(&to), "cam").len();
        daemon.wait(what, |_| (frames(&lines(&to), "cam").len() >= seen + more).then_some(()));
    };
    go_on("frames", PROOF);
    let began = pace::now();
    go_on("frames beyond the end of the 32 bits", 3 * PROOF);
    for milliseconds in [10_000, -10_000, 3_600_000, -50_000_000] {
        camera.jump_timestamps(milliseconds);
        go_on("frames after a jump", 2 * PROOF);
    }
    for fault in [TimestampFault::Stuck, TimestampFault::Backwards, TimestampFault::Random] {
        camera.set_timestamp_fault(fault);
        go_on("frames with times of nonsense", PROOF);
        camera.set_timestamp_fault(TimestampFault::None);
        go_on("frames with good times again", PROOF);
    }
    let trouble = began..pace::now();
    assert_followed(&camera, &frames(&lines(&to), "cam"), &[1, 2]);
    daemon.terminate();

    let written = lines(&to);
    let all = frames(&written, "cam");
    for key in ["frame", "pts_ns"] {
        let values: Vec<u64> = all.iter().map(|line| line[key].as_u64().unwrap()).collect();
        assert!(values.is_sorted_by(|a, b| a < b), "{key} does not rise: {values:?}");
    }
    assert!(all.iter().all(|line| ids(line) == [1, 2]));
    let kinds = events(&written, "cam");
    assert_eq!(kinds.iter().filter(|(_, kind)| kind == "new").count(), 2, "{kinds:?}");
    pace::assert_kept(&written, "file", &trouble);
}

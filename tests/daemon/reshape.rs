//! A camera that is set up anew while it is watched: other sizes, other codecs.

use maskd_camsim::Codec;

use super::film::{camera, camera_stream, fit, ids};
use super::{BASE, Daemon, endless, events, frames, lines, lines_sink, pace, scene_stream, states};
use crate::util::Folder;

/// Frames that have to come after each change.
const PROOF: usize = 12;

#[test]
fn tracks_keep_their_ids_over_other_sizes_and_codecs() {
    let folder = Folder::new();
    let to = folder.name("lines.ndjson");
    let mut camera = camera();
    let config = BASE.to_owned()
        + "[tracking]\nkeep_tracks_s = 60\n"
        + &camera_stream(&camera)
        + &scene_stream("file", &endless(7))
        + &lines_sink("lines", &to, "drop_oldest");
    let mut daemon = Daemon::start(&folder, &config, &[]);
    let mut go_on = |what: &str, enough: &dyn Fn(&serde_json::Value) -> bool| {
        let seen = frames(&lines(&to), "cam").len();
        daemon.wait(what, |_| {
            let new = frames(&lines(&to), "cam").split_off(seen);
            (new.iter().filter(|line| enough(line)).count() >= PROOF).then(|| new.last().cloned()).flatten()
        })
    };
    fit(&camera, &go_on("frames", &|_| true)).assert_good(&[1, 2]);
    let began = pace::now();
    for codec in [Codec::H265, Codec::Mjpeg, Codec::H264] {
        camera.set_codec(codec).unwrap();
        camera.reset().unwrap();
        let last = go_on("frames in the new codec", &|_| true);
        println!("{codec:?}: {:?}", fit(&camera, &last));
        fit(&camera, &last).assert_good(&[1, 2]);
    }
    // The camera's footage begins anew with each size, which is a cut. The last one is that of a camera turned on its side.
    for size in [(480, 288), (320, 192), (288, 480)] {
        camera.set_size(size).unwrap();
        let of_size = |line: &serde_json::Value| line["width"] == size.0 && line["height"] == size.1;
        let last = go_on("frames of the new size", &of_size);
        assert_eq!(last["objects"][0]["mask"]["size"], serde_json::json!([size.1, size.0]));
        println!("{size:?}: {:?}", fit(&camera, &last));
        fit(&camera, &last).assert_on_things(&[1, 2]);
    }
    let trouble = began..pace::now();
    daemon.terminate();

    let written = lines(&to);
    assert!(frames(&written, "cam").iter().all(|line| ids(line) == [1, 2]));
    let kinds = events(&written, "cam");
    assert_eq!(kinds.iter().filter(|(_, kind)| kind == "new").count(), 2, "{kinds:?}");
    let lives = states(&written, "cam").iter().filter(|state| *state == "live").count();
    assert_eq!(lives, 4, "one connection per codec, and none for a size: {:?}", states(&written, "cam"));
    pace::assert_kept(&written, "file", &trouble);
}

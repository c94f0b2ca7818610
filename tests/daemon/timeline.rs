//! A run of the daemon, recorded for Rerun's viewer and read back with Rerun's own decoder.

#[path = "../../crates/output/tests/rerun/seen.rs"]
#[allow(dead_code, clippy::panic, reason = "the tests of the sink look at more; a failed expectation is a failed test")]
mod seen;

use re_sdk_types::archetypes::{Boxes2D, Scalars, SegmentationImage};
use re_sdk_types::components::{HalfSize2D, ImageBuffer, Scalar};
use serde_json::Value;

use self::seen::Seen;
use super::{BASE, Daemon, assert_labels, frames, lines, lines_sink, scene_stream};
use crate::util::{Folder, SCENE};

const FRAMES: usize = 12;

#[test]
fn a_recording_for_rerun_has_every_frame_of_the_lines() {
    let folder = Folder::new();
    let (to, recording) = (folder.name("lines.ndjson"), folder.name("run.rrd"));
    let config = BASE.to_owned()
        + &scene_stream("a", SCENE)
        + &lines_sink("lines", &to, "block")
        + &format!("[[sink]]\nkind = \"rerun\"\nname = \"viewer\"\nto = \"{recording}\"\npolicy = \"block\"\n");
    let mut daemon = Daemon::start(&folder, &config, &[]);
    daemon.wait("all frames", |_| (frames(&lines(&to), "a").len() == FRAMES).then_some(()));
    daemon.terminate();
    let told = frames(&lines(&to), "a");
    let seen = Seen::read(recording.as_ref());
    for below in ["/a/image", "/a/masks", "/a/boxes", "/a/objects/1/score"] {
        let numbers: Vec<_> = told.iter().map(|line| line["frame"].as_i64().unwrap()).collect();
        let captures: Vec<_> = told.iter().map(|line| line["capture_unix_ns"].as_i64().unwrap()).collect();
        assert_eq!((seen.times(below, "frame"), seen.times(below, "capture_time")), (numbers, captures), "{below}");
    }
    compare_boxes(&seen, &told);
    compare_masks(&seen, &told);
    let scores = seen.values::<Scalar>("/a/objects/1/score", Scalars::descriptor_scalars());
    for (score, line) in scores.iter().zip(&told) {
        let said = line["objects"][0]["score"].as_f64().unwrap();
        assert!((score[0].0.0 - said).abs() < 0.01, "{score:?} is not {said}");
    }
}

fn compare_boxes(seen: &Seen, told: &[Value]) {
    let sizes = seen.values::<HalfSize2D>("/a/boxes", Boxes2D::descriptor_half_sizes());
    assert_eq!(sizes.len(), told.len());
    for (sizes, line) in sizes.iter().zip(told) {
        let boxes: Vec<_> =
            line["objects"].as_array().unwrap().iter().filter_map(|object| object["box"].as_array()).collect();
        assert_eq!(sizes.len(), boxes.len());
        for (half, edges) in sizes.iter().zip(boxes) {
            let [x0, y0, x1, y1] = [0, 1, 2, 3].map(|edge: usize| edges[edge].as_f64().unwrap() as f32);
            assert_eq!([half.x(), half.y()], [(x1 - x0) / 2.0, (y1 - y0) / 2.0]);
        }
    }
}

fn compare_masks(seen: &Seen, told: &[Value]) {
    let images = seen.values::<ImageBuffer>("/a/masks", SegmentationImage::descriptor_buffer());
    assert_eq!(images.len(), told.len());
    for (image, line) in images.iter().zip(told) {
        assert_labels(&image[0].0, line["objects"].as_array().unwrap());
    }
}

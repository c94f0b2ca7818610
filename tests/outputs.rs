//! What is written where everything goes well: names and forms that others read.

use std::collections::BTreeSet;

use maskd_types::Rle;
use safetensors::{Dtype, SafeTensors};
use serde_json::Value;

use crate::media;
use crate::util::{Folder, SCENE, frames_of, json_lines, list, track_well};

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn all_outputs_of_one_run_tell_the_same() {
    let folder = Folder::new();
    let names = ["o.ndjson", "masks", "o.mp4", "o.safetensors", "o.png"].map(|name| folder.name(name));
    let flags = ["--ndjson", "--masks", "--video", "--logits", "--contact-sheet"];
    let outputs = flags.iter().zip(&names).flat_map(|(flag, name)| [*flag, name.as_str()]);
    let run = track_well(&[SCENE].into_iter().chain(outputs).collect::<Vec<_>>());
    assert_eq!(run.stdout, "", "standard output is for data");
    let lines = json_lines(&std::fs::read_to_string(&names[0]).unwrap());
    assert_eq!(lines.len(), 12);
    assert_eq!(folder.list(), ["masks", "o.mp4", "o.ndjson", "o.png", "o.safetensors"], "nothing else is left");
    assert_eq!(list(&folder.at("masks")), (0..12).map(|n| format!("{n:05}.png")).collect::<Vec<_>>());
    assert_eq!(frames_of(&folder.at("o.mp4")), 12);
    for (number, line) in lines.iter().enumerate() {
        check_line(number, line);
        check_image(&folder, number, line);
    }
    assert!(media::size_of_png(&folder.at("o.png")) > (192, 128), "a sheet of several pictures");
    check_logits(&std::fs::read(&names[3]).unwrap());
}

fn check_line(number: usize, line: &Value) {
    let expected = ["capture_clock", "capture_unix_ns", "frame", "height", "intact", "latency_ms", "objects", "pts_ns"];
    assert_eq!(keys(line), expected.into_iter().chain(["stream", "width"]).collect());
    assert_eq!(line["intact"], true);
    assert_eq!((line["frame"].as_u64(), line["stream"].as_str()), (Some(number as u64), Some("scene-7")));
    assert_eq!(line["pts_ns"], 100_000_000 * number);
    assert_eq!((&line["width"], &line["height"]), (&Value::from(192), &Value::from(128)));
    assert_eq!(keys(&line["latency_ms"]), ["encode", "end_to_end", "total", "track"].into());
    let latency = |name: &str| line["latency_ms"][name].as_f64().unwrap();
    assert!(latency("encode") > 0.0 && latency("total") >= latency("encode") + latency("track"), "{line}");
    let objects = line["objects"].as_array().unwrap();
    assert_eq!(objects.iter().map(|object| object["id"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2]);
    objects.iter().for_each(check_object);
}

fn check_object(object: &Value) {
    assert_eq!(keys(object), ["area", "box", "centroid", "id", "iou", "mask", "score", "state"].into());
    assert!(["visible", "occluded", "lost", "reacquired"].contains(&object["state"].as_str().unwrap()));
    for share in ["score", "iou"] {
        assert!((0.0..=1.0).contains(&object[share].as_f64().unwrap()), "{object}");
    }
    assert_eq!(object["mask"]["size"], serde_json::json!([128, 192]));
    let mask: Rle = serde_json::from_value(object["mask"].clone()).unwrap();
    assert_eq!(object["area"].as_u64(), Some(mask.area()));
    assert_eq!(object["box"], serde_json::json!(mask.bbox()));
    let centroid: Option<[f32; 2]> = serde_json::from_value(object["centroid"].clone()).unwrap();
    assert_eq!(centroid, mask.centroid());
}

/// Every pixel is the id of an object whose mask has it, or 0 where no mask does.
fn check_image(folder: &Folder, number: usize, line: &Value) {
    let (width, height, pixels) = media::read_png(&folder.at(&format!("masks/{number:05}.png")));
    assert_eq!((width, height), (192, 128));
    let object = |object: &Value| {
        let mask: Rle = serde_json::from_value(object["mask"].clone()).unwrap();
        (object["id"].as_u64().unwrap() as u8, mask.decode())
    };
    let masks: Vec<_> = line["objects"].as_array().unwrap().iter().map(object).collect();
    for (place, pixel) in pixels.iter().enumerate() {
        let ids: Vec<u8> = masks.iter().filter(|(_, mask)| mask.data()[place] == 1).map(|(id, _)| *id).collect();
        assert!(ids.contains(pixel) || (*pixel == 0 && ids.is_empty()), "pixel {place}: {pixel} of {ids:?}");
    }
}

fn check_logits(bytes: &[u8]) {
    let tensors = SafeTensors::deserialize(bytes).unwrap();
    assert_eq!(tensors.len(), 3 * 12);
    for number in 0..12 {
        let shape = |name: &str| {
            let tensor = tensors.tensor(&format!("f{number}/{name}")).unwrap();
            assert_eq!(tensor.dtype(), Dtype::F32);
            tensor.shape().to_vec()
        };
        // A quarter of the side that the network sees.
        assert_eq!(shape("low_res"), [2, 1, 32, 32]);
        assert_eq!((shape("iou"), shape("object_score")), (vec![2], vec![2]));
    }
}

#[test]
fn lines_can_go_to_standard_output_while_a_person_reads_the_rest() {
    let run = track_well(&[SCENE, "--ndjson", "-", "--frames", "3"]);
    assert_eq!(run.json_lines().len(), 3);
    assert!(run.stderr.contains("using the built-in nano model"), "{}", run.stderr);
    assert!(run.stderr.contains("tracking the 2 objects in sight at frame 0"), "{}", run.stderr);
    assert!(run.stderr.contains("running on cpu"), "{}", run.stderr);
    let last = run.stderr.lines().last().unwrap();
    assert!(last.starts_with("3 frames in ") && last.contains("visible: object 1 "), "{last}");
    let quiet = track_well(&[SCENE, "--ndjson", "-", "--frames", "3", "--quiet"]);
    assert_eq!((quiet.stderr.as_str(), quiet.json_lines().len()), ("", 3));
}

#[test]
fn without_an_output_a_table_is_the_result() {
    let run = track_well(&[SCENE, "--frames", "3"]);
    let rows: Vec<Vec<&str>> = run.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!((rows.len(), &rows[1][..2], &rows[2][..2]), (3, &["1", "3"][..], &["2", "3"][..]));
    assert!(run.stderr.contains("add --video OUT.mp4"), "{}", run.stderr);
}

#[test]
fn videos_and_folders_of_frames_are_inputs_too() {
    let folder = Folder::new();
    media::video(&folder.at("a.mp4"), 4);
    std::fs::create_dir(folder.at("frames")).unwrap();
    for number in 0..3 {
        media::plain(&folder.at(&format!("frames/{number:05}.png")), 65, 47);
    }
    for (input, frames, size) in [("a.mp4", 4, (192, 128)), ("frames", 3, (65, 47))] {
        let name = folder.name(input);
        let run = track_well(&[&name, "--prompt", "3:box=10,10,40,40", "--ndjson", "-", "--quiet"]);
        let lines = run.json_lines();
        assert_eq!(lines.len(), frames, "{input}");
        for line in lines {
            assert_eq!((line["width"].as_u64(), line["height"].as_u64()), (Some(size.0), Some(size.1)));
            assert_eq!(line["objects"][0]["id"], 3);
        }
    }
}

#[test]
fn the_same_run_gives_the_same_masks_whatever_is_done_at_the_same_time() {
    let masks = |how: &[&str]| {
        let run = track_well(&[&[SCENE, "--frames", "4", "--ndjson", "-", "--quiet"], how].concat());
        run.json_lines().iter().map(|line| line["objects"].clone()).collect::<Vec<_>>()
    };
    let alone = masks(&["--threads", "1"]);
    assert_eq!(masks(&["--threads", "2"]), alone);
    assert_eq!(masks(&["--threads", "2", "--no-prefetch"]), alone);
}

//! The program as it is started on the machine with the GPU, here on the processor with the built-in model.
#![expect(clippy::unwrap_used, reason = "a test ends where a helper of it finds something wrong")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const SIZE: [usize; 2] = [160, 90];
const NANO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../model/assets/nano.safetensors");

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// A red square that moves to the right over a grey ground.
fn picture(path: &Path, shift: usize) {
    let [width, height] = SIZE;
    let pixel = |i: usize| {
        let (x, y) = (i % width, i / width);
        if (30 + shift..70 + shift).contains(&x) && (20..60).contains(&y) { [220, 40, 30] } else { [90, 100, 95] }
    };
    let pixels: Vec<u8> = (0..width * height).flat_map(pixel).collect();
    let mut encoder = png::Encoder::new(std::fs::File::create(path).unwrap(), width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
}

/// Runs the program: whether it succeeded, and all that it said.
fn run(arguments: &[&str]) -> (bool, Vec<Value>) {
    let output = Command::new(env!("CARGO_BIN_EXE_maskd-gpu-check")).args(arguments).output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    (output.status.success(), lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn last<'a>(events: &'a [Value], name: &str) -> &'a Value {
    events.iter().rfind(|event| event["event"] == name).unwrap()
}

#[test]
fn an_object_is_tracked_timed_and_its_logits_are_written() {
    let folder = folder("track");
    let frames = folder.join("frames");
    std::fs::create_dir_all(&frames).unwrap();
    (0..3).for_each(|number| picture(&frames.join(format!("{number:05}.png")), number * 4));
    let prompts = folder.join("prompts.json");
    std::fs::write(&prompts, r#"[{"frame": 0, "object": 7, "box": [30, 20, 70, 60]}]"#).unwrap();
    let (logits, lines) = (folder.join("out.safetensors"), folder.join("out.ndjson"));
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let (fine, events) = run(&[
        "track",
        "--checkpoint",
        NANO,
        "--device",
        "cpu",
        "--input",
        &text(&frames),
        "--prompts",
        &text(&prompts),
        "--frames",
        "4",
        "--warm-up",
        "2",
        "--logits",
        &text(&logits),
        "--logits-frames",
        "3",
        "--ndjson",
        &text(&lines),
    ]);
    assert!(fine, "{events:?}");
    assert_eq!(events.iter().filter(|event| event["event"] == "frame").count(), 4);
    assert_eq!(last(&events, "speed")["frames"], 2);
    assert!(last(&events, "frame")["rss_MiB"].as_f64().unwrap() > 1.0);
    assert!(last(&events, "speed")["frames_per_s"].as_f64().unwrap() > 0.0);
    let bytes = std::fs::read(&logits).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(tensors.names().len(), 3 * 3);
    let told: Vec<Value> =
        std::fs::read_to_string(&lines).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(told.len(), 4);
    let object = &told[3]["objects"][0];
    assert_eq!(object["id"], 7);
    // The clip goes back after its last picture: the square is at 38 again, 40 pixels wide.
    assert!((object["box"][0].as_f64().unwrap() - 34.0).abs() < 6.0, "{object}");
}

#[test]
fn what_is_missing_is_said_in_an_event() {
    let (fine, events) =
        run(&["track", "--checkpoint", NANO, "--device", "cpu", "--input", "/nowhere", "--prompts", "/none"]);
    assert!(!fine);
    assert!(last(&events, "error")["message"].as_str().unwrap().contains("/nowhere"), "{events:?}");
}

#[test]
fn a_device_that_is_not_there_is_named_with_what_it_lacks() {
    let (fine, events) = run(&["devices", "cpu", "cuda:99"]);
    let found: Vec<_> = events.iter().filter(|event| event["event"] == "device").collect();
    assert!(fine && found[0]["found"].as_str().unwrap().starts_with("cpu ("), "{events:?}");
    assert_eq!(found[1]["asked"], "cuda:99");
    assert!(found[1]["missing"].as_str().unwrap().contains("cannot be used"), "{events:?}");
    let (fine, events) = run(&["stages", "--checkpoint", NANO, "--device", "cuda:99"]);
    assert!(!fine && last(&events, "error")["message"].as_str().unwrap().contains("cuda:99"), "{events:?}");
}

#[test]
fn operations_and_stages_are_timed() {
    let (fine, events) = run(&["micro", "--device", "cpu", "--shrink", "64", "--rounds", "1", "--only", "norm"]);
    let found: Vec<_> = events.iter().filter(|event| event["event"] == "micro").collect();
    assert!(fine && found.len() == 6, "{events:?}");
    // The processor compared with itself.
    assert!(found.iter().all(|event| event["off_by"] == "0.0e0" && event["wrong"] == false), "{found:?}");
    assert!(found.iter().all(|event| event["GB_per_s"].as_f64().unwrap() > 0.0), "{found:?}");
    let (fine, events) = run(&[
        "stages",
        "--checkpoint",
        NANO,
        "--device",
        "cpu",
        "--image-size",
        "128",
        "--objects",
        "2",
        "--rounds",
        "1",
    ]);
    assert!(fine, "{events:?}");
    let names: Vec<_> = events.iter().filter(|event| event["event"] == "stage").map(|event| &event["name"]).collect();
    assert_eq!(names.len(), 9, "{names:?}");
    assert!(last(&events, "stage")["ms"]["median"].as_f64().unwrap() > 0.0);
}

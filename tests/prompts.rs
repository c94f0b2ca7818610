//! Prompts that cannot be followed, and those that can.

use crate::media;
use crate::util::{Folder, Run, SCENE, json_lines, track, track_well};

fn prompted(prompts: &[&str]) -> Run {
    let flags = prompts.iter().flat_map(|prompt| ["--prompt", prompt]);
    track(&[SCENE].into_iter().chain(flags).collect::<Vec<_>>())
}

fn from_file(folder: &Folder, json: &str) -> Run {
    track(&[SCENE, "--prompts", &folder.file("p.json", json)])
}

#[test]
fn nothing_said_is_nothing_to_track() {
    let folder = Folder::new();
    media::video(&folder.at("a.mp4"), 2);
    track(&[&folder.name("a.mp4")]).assert_error(2, &["no prompt", "--prompt 1:point=X,Y"]);
    let empty = folder.file("p.json", "[]");
    let run = track(&[&folder.name("a.mp4"), "--prompts", &empty]);
    run.assert_error(2, &["no prompt", "--prompt 1:point=X,Y"]);
}

#[test]
fn places_outside_the_frame() {
    let table = ["1:point=192,5", "1:point=-1,5", "1:point=5,128,-", "1:box=0,0,193,5", "1:box=-1,0,5,5"];
    for prompt in table {
        prompted(&[prompt]).assert_error(2, &[prompt, "outside the frame", "192x128"]);
    }
    let folder = Folder::new();
    let run = from_file(&folder, r#"[{"object":1,"points":[[5,5,1]]},{"object":2,"points":[[500,5,1]]}]"#);
    run.assert_error(78, &["entry 2 of", "p.json", "outside the frame", "500,5"]);
}

#[test]
fn frames_past_the_end() {
    prompted(&["1@12:point=5,5"]).assert_error(2, &["1@12:point=5,5", "frame 12", "the last frame is 11"]);
    let run = track(&[SCENE, "--frames", "5", "--prompt", "1@7:point=5,5"]);
    run.assert_error(2, &["frame 7", "the last frame is 4"]);
    let folder = Folder::new();
    let run = from_file(&folder, r#"[{"frame":99,"object":1,"points":[[5,5,1]]}]"#);
    run.assert_error(78, &["entry 1 of", "frame 99", "the last frame is 11"]);
}

#[test]
fn the_end_of_a_long_video_is_known_at_its_end_and_nothing_is_lost() {
    for (frames, code, written) in [(5, 2, None), (70, 1, Some(70))] {
        let folder = Folder::new();
        media::video(&folder.at("a.mp4"), frames);
        let (video, ndjson) = (folder.name("a.mp4"), folder.name("o.ndjson"));
        let run = track(&[&video, "--prompt", "1:point=96,64", "--prompt", "2@90:point=5,5", "--ndjson", &ndjson]);
        let last = format!("the last frame is {}", frames - 1);
        run.assert_error(code, &["`--prompt 2@90:point=5,5`", "frame 90", &last]);
        let lines = std::fs::read_to_string(&ndjson).ok().map(|text| json_lines(&text).len());
        assert_eq!(lines, written, "lines of a video of {frames} frames");
    }
}

#[test]
fn contradictions_name_both_sides() {
    for pair in [
        ["1:mask=a.png", "1:point=3,4"],
        ["1:box=1,2,3,4", "1:mask=a.png"],
        ["1:box=1,2,3,4", "1@0:box=1,2,3,5"],
        ["1:mask=a.png", "1:mask=b.png"],
        ["1:point=3,4", "1:point=3,4,-"],
    ] {
        prompted(&pair).assert_error(2, &["contradict", pair[0], pair[1]]);
    }
    let folder = Folder::new();
    let run = from_file(
        &folder,
        r#"[{"object":1,"points":[[5,5,1]]},{"frame":3,"object":1,"points":[[5,5,1]]},{"frame":3,"object":1,"remove":true}]"#,
    );
    run.assert_error(78, &["entry 2 of", "entry 3 of", "prompted and removed"]);
}

#[test]
fn objects_that_nobody_knows() {
    let folder = Folder::new();
    let run = from_file(&folder, r#"[{"object":1,"points":[[5,5,1]]},{"frame":3,"object":9,"remove":true}]"#);
    run.assert_error(78, &["entry 2 of", "object 9", "tracked there: 1"]);
}

#[test]
fn malformed_files_are_told_with_line_and_column() {
    let folder = Folder::new();
    for (json, words) in [
        ("[\n  {\"object\": 1,\n   \"points\": [[1,2,1],]}\n]", "line 3 column"),
        ("[{\"object\":1,\"box\":[1,2,3,4]}\n", "line 2 column 0"),
        ("[\n  {\"object\":1}\n]\n", "line 2 column 14"),
        ("[{\"object\":1,\"pionts\":[[1,2,1]]}]", "unknown field `pionts`"),
        ("[{\"object\":1,\"points\":[[1,2,5]]}]", "1 (part of the object) or 0"),
        ("{}", "expected a sequence"),
        ("", "line 1 column 0"),
    ] {
        from_file(&folder, json).assert_error(78, &["p.json is no prompts file", words, "column"]);
    }
    track(&[SCENE, "--prompts", "/nowhere/p.json"]).assert_error(78, &["/nowhere/p.json cannot be read"]);
}

#[test]
fn masks_that_do_not_fit() {
    let folder = Folder::new();
    media::grey(&folder.at("small.png"), 96, 64, |_, _| 255);
    media::grey(&folder.at("black.png"), 192, 128, |_, _| 0);
    folder.file("text.png", "this is no picture");
    for (name, words) in [
        ("small.png", "it is 96x64 pixels, the frames are 192x128"),
        ("black.png", "every pixel of it is 0"),
        ("text.png", "no readable PNG"),
        ("missing.png", "cannot be opened"),
    ] {
        let spec = format!("1:mask={}", folder.name(name));
        prompted(&[&spec]).assert_error(78, &[name, words]);
    }
}

#[test]
fn a_mask_prompt_comes_back_on_its_own_frame() {
    let folder = Folder::new();
    media::grey(&folder.at("m.png"), 192, 128, |x, y| u8::from((40..100).contains(&x) && (30..90).contains(&y)));
    // The path is relative to the prompts file.
    let prompts =
        folder.file("p.json", r#"[{"frame":2,"object":5,"mask":"m.png"},{"frame":4,"object":5,"remove":true}]"#);
    let run = track_well(&[SCENE, "--prompts", &prompts, "--ndjson", "-", "--quiet", "--frames", "6"]);
    let lines = run.json_lines();
    let ids: Vec<usize> = lines.iter().map(|line| line["objects"].as_array().unwrap().len()).collect();
    assert_eq!(ids, [0, 0, 1, 1, 0, 0]);
    let object = &lines[2]["objects"][0];
    assert_eq!(object["id"], 5);
    let area = object["area"].as_f64().unwrap();
    // Through the network's low resolution and back, edges move a little.
    assert!((area / 3600.0 - 1.0).abs() < 0.1, "area {area} for a mask of 3600 pixels");
}

#[test]
fn the_masks_of_one_run_are_prompts_for_the_next() {
    let folder = Folder::new();
    track_well(&[SCENE, "--masks", &folder.name("first"), "--frames", "1"]);
    let png = folder.name("first/00000.png");
    let prompts: Vec<String> = [1, 2].map(|id| format!("{id}:mask={png}")).into();
    let mut arguments = vec![SCENE, "--frames", "1", "--ndjson", "-", "--quiet"];
    prompts.iter().for_each(|prompt| arguments.extend(["--prompt", prompt]));
    let run = track_well(&arguments);
    let areas: Vec<u64> = (0..2).map(|n| run.json_lines()[0]["objects"][n]["area"].as_u64().unwrap()).collect();
    let (_, _, pixels) = media::read_png(&folder.at("first/00000.png"));
    for (id, area) in (1..).zip(areas) {
        let drawn = pixels.iter().filter(|pixel| **pixel == id).count() as f64;
        assert!((area as f64 / drawn - 1.0).abs() < 0.1, "object {id}: {area} for {drawn}");
    }
}

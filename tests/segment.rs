//! `maskd segment`.

use serde_json::Value;

use crate::media;
use crate::util::{Folder, Run, maskd};

fn image(folder: &Folder) -> String {
    // A bright disc on a dark ground.
    let inside = |x: u32, y: u32| (x as i32 - 80).pow(2) + (y as i32 - 60).pow(2) < 900;
    media::grey(&folder.at("disc.png"), 160, 120, |x, y| if inside(x, y) { 230 } else { 20 });
    folder.name("disc.png")
}

fn segment(arguments: &[&str]) -> Run {
    maskd(&[&["segment", "--device", "cpu", "--image-size", "128"], arguments].concat())
}

fn candidates(line: &Value) -> &Vec<Value> {
    line["candidates"].as_array().unwrap()
}

#[test]
fn one_line_per_object_with_the_best_candidate_first() {
    let folder = Folder::new();
    let image = image(&folder);
    let masks = folder.name("masks");
    let prompts = ["--prompt", "2:box=48,28,112,92", "--prompt", "1:point=80,60", "--multimask", "--masks", &masks];
    let run = segment(&[&[image.as_str()][..], &prompts].concat());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let lines = run.json_lines();
    assert_eq!(lines.iter().map(|line| line["id"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2]);
    for line in &lines {
        assert_eq!((line["width"].as_u64(), line["height"].as_u64()), (Some(160), Some(120)));
        let ious: Vec<f64> = candidates(line).iter().map(|candidate| candidate["iou"].as_f64().unwrap()).collect();
        assert_eq!(ious.len(), 3);
        assert!(ious.is_sorted_by(|a, b| a >= b), "{ious:?}");
        for (index, candidate) in candidates(line).iter().enumerate() {
            let (_, _, pixels) = media::read_png(&folder.at(&format!("masks/{}_{index}.png", line["id"])));
            assert!(pixels.iter().all(|pixel| [0, 255].contains(pixel)));
            let white = pixels.iter().filter(|pixel| **pixel == 255).count() as u64;
            assert_eq!(candidate["area"].as_u64(), Some(white));
        }
    }
}

#[test]
fn a_boxed_disc_is_found() {
    let folder = Folder::new();
    // At its own size: at half of it the built-in model is no good judge.
    let run = maskd(&["segment", &image(&folder), "--device", "cpu", "--prompt", "1:box=48,28,112,92", "--quiet"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let lines = run.json_lines();
    let found = &candidates(&lines[0])[0];
    let mask: maskd_types::Rle = serde_json::from_value(found["mask"].clone()).unwrap();
    let disc = maskd_types::Rle::from_columns(160, 120, |x, column| {
        for (y, pixel) in column.iter_mut().enumerate() {
            *pixel = u8::from((x as i32 - 80).pow(2) + (y as i32 - 60).pow(2) < 900);
        }
    });
    let iou = mask.iou(&disc);
    assert!(iou > 0.8, "IoU {iou:.2} with a bright disc on black");
}

#[test]
fn lines_can_go_to_a_file() {
    let folder = Folder::new();
    let json = folder.name("o.json");
    let run = segment(&[&image(&folder), "--prompt", "1:point=80,60", "--ndjson", &json]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{}", run.stderr);
    let lines = crate::util::json_lines(&std::fs::read_to_string(&json).unwrap());
    assert_eq!((lines.len(), candidates(&lines[0]).len()), (1, 1));
}

#[test]
fn only_frame_0_of_one_image_can_be_prompted() {
    let folder = Folder::new();
    let image = image(&folder);
    segment(&[&image, "--prompt", "1@1:point=80,60"]).assert_error(2, &["frame 1", "the last frame is 0"]);
    segment(&[&image]).assert_error(2, &["no prompt"]);
    segment(&[&image, "--prompt", "1:point=160,60"]).assert_error(2, &["outside the frame"]);
    segment(&["nowhere.png", "--prompt", "1:point=1,1"]).assert_error(1, &["nowhere.png does not exist"]);
    let masks = format!("{image}/masks");
    segment(&[&image, "--prompt", "1:point=80,60", "--masks", &masks]).assert_error(1, &["disc.png/masks"]);
    let many = crate::util::SCENE;
    segment(&[many, "--prompt", "1:point=80,60"]).assert_error(2, &["more than one frame"]);
}

//! `maskd eval`: figures that are known beforehand, and what is wrong with data.

use std::fs::create_dir_all;
use std::path::Path;

use maskd_scene::{Scene, SceneConfig};
use serde_json::Value;

use crate::media;
use crate::util::{Folder, list, maskd};

const FRAMES: usize = 8;
const WIDTH: u32 = 192;
const HEIGHT: u32 = 128;

/// Two sequences of a scene as DAVIS lays them out, `many` with two objects and `one` with the first of them.
fn data_set(root: &Path) {
    let address = format!("scene://?seed=3&objects=2&frames={FRAMES}&size={WIDTH}x{HEIGHT}&fps=10");
    let config: SceneConfig = address.parse().unwrap();
    for sequence in ["many", "one"] {
        for folder in ["JPEGImages/480p", "Annotations/480p"] {
            create_dir_all(root.join(folder).join(sequence)).unwrap();
        }
        for frame in Scene::new(config.clone()).unwrap() {
            let name = format!("{sequence}/{:05}.png", frame.frame.number);
            media::colour(&root.join("JPEGImages/480p").join(&name), WIDTH, HEIGHT, &frame.frame.rgb);
            let (first, second) = (frame.truth[0].visible.decode(), frame.truth[1].visible.decode());
            let pixels = first.data().iter().zip(second.data());
            let annotation = root.join("Annotations/480p").join(&name);
            if sequence == "many" {
                let labels: Vec<u8> = pixels.map(|(first, second)| first + 3 * second).collect();
                media::indexed(&annotation, WIDTH, HEIGHT, &labels);
            } else {
                media::grey(&annotation, WIDTH, HEIGHT, |x, y| 255 * first.data()[(y * WIDTH + x) as usize]);
            }
        }
    }
}

fn eval(arguments: &[&str]) -> Value {
    let run = maskd(&[&["eval", "--device", "cpu", "--image-size", "128", "--json", "-"], arguments].concat());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

fn number(report: &Value, pointer: &str) -> f64 {
    report.pointer(pointer).and_then(Value::as_f64).unwrap_or_else(|| panic!("no {pointer} in {report:#}"))
}

#[test]
fn masks_are_judged_and_can_be_judged_again_from_files() {
    let folder = Folder::new();
    data_set(folder.path());
    let (root, kept) = (folder.path().to_str().unwrap(), folder.name("kept"));
    let tracked = eval(&[root, "--save-masks", &kept]);
    let ids = |sequence: usize| {
        let objects = tracked["sequences"][sequence]["objects"].as_array().unwrap();
        objects.iter().map(|object| object["id"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!((ids(0), ids(1)), (vec![1, 3], vec![1]));
    assert_eq!(tracked["sequences"][0]["objects"][0]["frames"], FRAMES - 2);
    assert!(number(&tracked, "/mean/j/mean") > number(&tracked, "/first_mask_kept/j/mean"), "{tracked:#}");
    assert!(number(&tracked, "/mean/j_and_f") < 1.0);
    assert!(number(&tracked, "/frames_per_second") > 0.0 && tracked.get("sight").is_none());
    assert_eq!(list(&folder.at("kept/one")).len(), FRAMES);
    let again = eval(&[root, "--masks", &kept]);
    // Files hold one object per pixel, which may decide an overlap of the two.
    assert!((number(&again, "/mean/j_and_f") - number(&tracked, "/mean/j_and_f")).abs() < 0.01);
    assert_eq!(again["sequences"][1], tracked["sequences"][1]);
    assert!(again.get("frames_per_second").is_none());
}

#[test]
fn the_truth_is_without_fault_and_nothing_is_worth_nothing() {
    let folder = Folder::new();
    data_set(folder.path());
    let root = folder.path().to_str().unwrap();
    let truth = eval(&[root, "--masks", &folder.name("Annotations/480p")]);
    for pointer in ["/mean/j/mean", "/mean/f/mean", "/mean/j/recall", "/mean/j_and_f"] {
        assert_eq!(number(&truth, pointer), 1.0, "{truth:#}");
    }
    create_dir_all(folder.at("empty/one")).unwrap();
    for frame in 1..FRAMES - 1 {
        media::grey(&folder.at(&format!("empty/one/{frame:05}.png")), WIDTH, HEIGHT, |_, _| 0);
    }
    let empty = eval(&[root, "--masks", &folder.name("empty"), "--sequence", "one"]);
    assert_eq!((number(&empty, "/mean/j_and_f"), number(&empty, "/mean/objects")), (0.0, 1.0));
    let merged = eval(&[root, "--masks", &folder.name("Annotations/480p"), "--merge-objects"]);
    assert_eq!((number(&merged, "/mean/j_and_f"), number(&merged, "/mean/objects")), (1.0, 2.0));
}

#[test]
fn scenes_are_judged_with_what_happens_in_them() {
    let scene = "scene://?seed=7&objects=2&frames=12&size=192x128&fps=10";
    let report = eval(&[scene, "--scenes", "2", "--prompt", "box"]);
    assert_eq!(report["sequences"].as_array().unwrap().len(), 2);
    assert!(report["sequences"][1]["name"].as_str().unwrap().contains("seed=8"));
    assert_eq!(number(&report, "/mean/objects"), 4.0);
    assert!(number(&report, "/mean/j/mean") > 0.3, "{report:#}");
    assert!(report["sight"]["crossings"]["cases"].is_u64());
    let table = maskd(&["eval", scene, "--device", "cpu", "--image-size", "128", "--prompt", "point", "--quiet"]);
    assert_eq!((table.code, table.stderr.as_str()), (Some(0), ""));
    for words in ["first mask kept", "found again", "frames per second"] {
        assert!(table.stdout.contains(words), "{}", table.stdout);
    }
}

#[test]
fn what_cannot_be_judged_is_told() {
    let folder = Folder::new();
    let root = folder.path().to_str().unwrap();
    maskd(&["eval", root]).assert_error(1, &["no folder JPEGImages", "Annotations/SEQUENCE"]);
    data_set(folder.path());
    maskd(&["eval", root, "--sequence", "none"]).assert_error(2, &["no sequence `none`"]);
    let missing = folder.name("nowhere");
    maskd(&["eval", root, "--masks", &missing]).assert_error(1, &["nowhere/many cannot be read"]);
    create_dir_all(folder.at("small/one")).unwrap();
    media::grey(&folder.at("small/one/00001.png"), 4, 4, |_, _| 9);
    let small = folder.name("small");
    maskd(&["eval", root, "--sequence", "one", "--masks", &small]).assert_error(1, &["is 4x4 pixels", "192x128"]);
    std::fs::remove_file(folder.at("small/one/00001.png")).unwrap();
    maskd(&["eval", root, "--sequence", "one", "--masks", &small]).assert_error(1, &["no mask", "00001.png"]);
    maskd(&["eval", "scene://", "--masks", &small]).assert_error(2, &["--masks is for data sets on disk"]);
    maskd(&["eval", "scene://?seed=x"]).assert_error(2, &["seed"]);
}

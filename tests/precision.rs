//! Numbers of 16 bits: close to what 32 give where the machine has them, and a clear word where it has not.

use maskd_types::Rle;
use serde_json::Value;

use crate::util::{Run, maskd, skipped, track_well};

const SCENE: &str = "scene://?seed=3&objects=3&frames=25&size=320x180&fps=15";

fn with(precision: &str) -> Vec<&str> {
    vec!["track", SCENE, "--device", "cpu", "--ndjson", "-", "--quiet", "--precision", precision]
}

fn masks(run: &Run) -> Vec<Rle> {
    let lines = run.json_lines();
    let objects = lines.iter().flat_map(|line| line["objects"].as_array().unwrap());
    objects.map(|object: &Value| serde_json::from_value(object["mask"].clone()).unwrap()).collect()
}

#[test]
fn outlines_of_bf16_are_close_to_those_of_f32() {
    let narrow = maskd(&with("bf16"));
    if narrow.code != Some(0) {
        narrow.assert_error(1, &["bf16 is not to be had on this device"]);
        return skipped("this processor has no AVX512-BF16");
    }
    let wide = maskd(&with("f32"));
    let (narrow, wide) = (masks(&narrow), masks(&wide));
    assert_eq!((narrow.len(), wide.len()), (75, 75));
    assert_ne!(narrow, wide, "they were computed in the same way");
    let mean = narrow.iter().zip(&wide).map(|(a, b)| a.iou(b)).sum::<f64>() / 75.0;
    println!("mean IoU {mean:.4}");
    assert!(mean > 0.97, "mean IoU {mean}");
}

#[test]
fn f32_is_what_is_computed_by_itself() {
    let [asked, auto] = [["--precision", "f32"], ["--precision", "auto"]].map(|precision| {
        let scene = "scene://?seed=3&objects=2&frames=4&size=192x128&fps=10";
        masks(&track_well(&[&[scene, "--ndjson", "-"][..], &precision].concat()))
    });
    assert_eq!(asked, auto);
}

#[test]
fn a_precision_that_the_device_has_not_is_an_error() {
    maskd(&with("f16")).assert_error(1, &["f16 is not to be had on this device; say auto or f32"]);
    let unknown = maskd(&with("int8"));
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.contains("`int8` is no precision; say auto, f32, f16 or bf16"), "{}", unknown.stderr);
}

//! Files that are right.

use crate::models::{Pt, config, le_bytes, safetensors_model, values};
use crate::read;
use half::{bf16, f16};
use maskd_model::checkpoint::{Checkpoint, Format, inspect};
use std::path::Path;

fn assert_holds(checkpoint: &mut Checkpoint, expected: impl Fn(f32) -> f32) {
    assert_eq!(checkpoint.config, config());
    for (index, spec) in config().tensor_table().iter().enumerate() {
        let tensor = checkpoint.take(&spec.name).unwrap();
        assert_eq!(tensor.shape, spec.shape, "{}", spec.name);
        let wanted: Vec<f32> = values(index, tensor.data.len()).into_iter().map(&expected).collect();
        assert_eq!(tensor.data, wanted, "{}", spec.name);
    }
    assert_eq!(checkpoint.names().count(), 0);
}

#[test]
fn torch_file_is_read_exactly() {
    assert_holds(&mut read(&Pt::new().bytes()), |value| value);
}

#[test]
fn tensors_may_be_parts_of_one_storage() {
    let mut pt = Pt::new();
    let mut run = Vec::new();
    for ((_, view), (_, data)) in pt.tensors.iter_mut().zip(&pt.storages) {
        (view.key, view.offset) = ("all".to_owned(), run.len() as i64 / 4);
        run.extend_from_slice(data);
    }
    for (_, view) in &mut pt.tensors {
        view.numel = run.len() as i64 / 4;
    }
    pt.storages = vec![("all".to_owned(), run)];
    assert_holds(&mut read(&pt.bytes()), |value| value);
}

#[test]
fn safetensors_file_is_read_exactly() {
    assert_holds(&mut read(&safetensors_model("F32", le_bytes)), |value| value);
}

#[test]
fn half_precision_is_widened() {
    let half = |values: &[f32]| values.iter().flat_map(|&value| f16::from_f32(value).to_le_bytes()).collect();
    assert_holds(&mut read(&safetensors_model("F16", half)), |value| f16::from_f32(value).to_f32());
    let brain = |values: &[f32]| values.iter().flat_map(|&value| bf16::from_f32(value).to_le_bytes()).collect();
    assert_holds(&mut read(&safetensors_model("BF16", brain)), |value| bf16::from_f32(value).to_f32());
}

#[test]
fn a_file_in_memory_is_the_same() {
    let mut checkpoint = Checkpoint::from_bytes("here", Pt::new().bytes()).unwrap();
    assert_eq!(checkpoint.source, "here");
    assert_holds(&mut checkpoint, |value| value);
}

#[test]
fn the_builtin_model_is_whole() {
    let mut checkpoint = Checkpoint::builtin().unwrap();
    assert_eq!(checkpoint.config.full_name(), "sam2.1-nano");
    assert_eq!(checkpoint.names().count(), checkpoint.config.tensor_table().len());
    let embedding = checkpoint.take("no_mem_embed").unwrap();
    assert_eq!(embedding.shape, [1, 1, 128]);
    let gone = checkpoint.tensor("no_mem_embed").unwrap_err();
    assert!(gone.to_string().contains("`no_mem_embed` is not there"), "{gone}");
}

/// Written by PyTorch 2.11; `data/README.md` says how.
#[test]
fn files_of_pytorch_are_listed() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/checkpoint/data");
    let report = inspect(data.join("torch_save.pt"));
    assert_eq!(report.format, Some(Format::TorchZip));
    let tensors: Vec<_> =
        report.tensors.iter().map(|tensor| (tensor.name.as_str(), tensor.shape.as_slice(), tensor.dtype)).collect();
    let expected: [(&str, &[usize], &str); 11] = [
        ("0.bias", &[2], "float32"),
        ("0.weight", &[2, 3], "float32"),
        ("1.bias", &[2], "float32"),
        ("1.weight", &[2], "float32"),
        ("brain", &[5], "bfloat16"),
        ("count", &[], "a 64-bit integer"),
        ("double", &[2], "float64"),
        ("half", &[5], "float16"),
        ("part", &[2, 3], "float32"),
        ("scalar", &[], "float32"),
        ("turned", &[3, 2], "float32"),
    ];
    assert_eq!(tensors, expected);
    for needle in ["`turned` of shape [3, 2] has strides [1, 3]", "`double`", "`count`", "which model"] {
        assert!(report.problems.iter().any(|problem| problem.contains(needle)), "{needle}: {:?}", report.problems);
    }
    assert_eq!(report.problems.len(), 4);

    let report = inspect(data.join("parameters_protocol_4.pt"));
    assert_eq!(report.tensors.len(), 4);
    assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
}

#[test]
fn a_report_is_for_people_and_for_programs() {
    let report = inspect(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/nano.safetensors"));
    let text = report.to_string();
    for line in ["model       sam2.1-nano", "parameters  6.4 M in 371 tensors", "problems    none"] {
        assert!(text.contains(line), "{text}");
    }
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["format"], "safetensors");
    assert_eq!(json["config"]["trunk"]["embed_dim"], 48);
    assert_eq!(json["tensors"][0]["dtype"], "float16");
}

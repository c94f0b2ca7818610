//! Checkpoints that cannot be used, through `track` and through `inspect`.

use std::collections::HashMap;
use std::path::Path;

use safetensors::Dtype;
use safetensors::tensor::TensorView;

use crate::util::{Folder, SCENE, maskd, track};

fn nano() -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/model/assets/nano.safetensors")).unwrap()
}

/// A file of `torch.save` around a pickle of our own making: a zip container whose entries are stored as they are.
fn torch_zip(method: u16, declared: u32, pickle: &[u8]) -> Vec<u8> {
    let name = b"archive/data.pkl";
    let checksum = crc32fast::hash(pickle);
    let mut common = Vec::new();
    for half in [20_u16, 0, method, 0, 0x5821] {
        common.extend(half.to_le_bytes());
    }
    for word in [checksum, pickle.len() as u32, declared, name.len() as u32] {
        common.extend(word.to_le_bytes());
    }
    let mut file = [&b"PK\x03\x04"[..], &common, name, pickle].concat();
    let directory = file.len() as u32;
    file.extend([&b"PK\x01\x02\x14\x00"[..], &common, &[0; 14], name].concat());
    let length = file.len() as u32 - directory;
    file.extend(b"PK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00");
    file.extend([length.to_le_bytes(), directory.to_le_bytes()].concat());
    file.extend([0; 2]);
    file
}

fn other_model() -> Vec<u8> {
    let numbers = [0; 4 * 6];
    let view = TensorView::new(Dtype::F32, vec![2, 3], &numbers).unwrap();
    safetensors::serialize([("classifier.weight", view)], None::<HashMap<String, String>>).unwrap()
}

fn refused(content: &[u8], words: &[&str]) {
    let folder = Folder::new();
    let name = folder.file("bad.pt", content);
    let out = folder.name("o.ndjson");
    let run = track(&[SCENE, "--checkpoint", &name, "--ndjson", &out]);
    run.assert_error(1, &[&[name.as_str(), "maskd inspect"], words].concat());
    assert!(!folder.at("o.ndjson").exists(), "an output was opened for nothing");
    let report = maskd(&["inspect", &name]);
    report.assert_error(1, &["cannot be used as a checkpoint"]);
    for word in words {
        assert!(report.stdout.contains(word), "`{word}` is missing in: {}", report.stdout);
    }
    assert_eq!(folder.list(), ["bad.pt"]);
}

#[test]
fn a_truncated_file() {
    let whole = nano();
    refused(&whole[..whole.len() / 2], &[]);
    refused(&whole[..100], &[]);
    refused(b"", &["is no checkpoint"]);
}

#[test]
fn a_file_of_another_model() {
    refused(&other_model(), &[]);
    refused(b"this is a letter, no model", &["is no checkpoint"]);
}

#[test]
fn a_pickle_that_would_run_a_command() {
    let proof = Folder::new();
    let command = format!("cos\nsystem\n(S'touch {}'\ntR.", proof.name("it-ran"));
    let file = torch_zip(0, command.len() as u32, command.as_bytes());
    refused(&file, &["os.system"]);
    refused(command.as_bytes(), &[]);
    assert_eq!(proof.list(), [""; 0], "the pickle was run");
}

#[test]
fn a_zip_that_would_unpack_to_gigabytes() {
    refused(&torch_zip(8, u32::MAX - 1, &[0; 64]), &[]);
}

#[test]
fn names_without_a_file() {
    track(&[SCENE, "--checkpoint", "sam2.1-tiny"])
        .assert_error(1, &["sam2.1-tiny has not been downloaded", "run `maskd fetch sam2.1-tiny`"]);
    track(&[SCENE, "--checkpoint", "sam9"]).assert_error(1, &["`sam9` is neither a file nor", "sam2.1-large"]);
    track(&[SCENE, "--checkpoint", "/nowhere/a.pt"]).assert_error(1, &["/nowhere/a.pt"]);
}

#[test]
fn devices_that_are_not_there() {
    let run = maskd(&["track", SCENE, "--device", "cuda:77"]);
    run.assert_error(1, &["cuda:77 cannot be used", "--device cpu"]);
}

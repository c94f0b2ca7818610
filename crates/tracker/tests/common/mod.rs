//! The fixtures of scripted sessions.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where a helper of it finds something wrong")]

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use maskd_model::Checkpoint;
use maskd_tracker::TrackerOptions;
use maskd_types::{Action, BinaryMask, Frame, ObjectId, Point, Prompt, Rle, Stamp};
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;
use serde_json::Value;

pub type Metadata = HashMap<String, String>;

pub struct File {
    bytes: Vec<u8>,
    pub metadata: Metadata,
}

impl File {
    pub fn read(folder: &str, name: &str) -> Self {
        let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), folder, name].iter().collect();
        let bytes = std::fs::read(path).unwrap();
        let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
        Self { metadata: header.metadata().clone().unwrap_or_default(), bytes }
    }

    pub fn json(&self, key: &str) -> Value {
        serde_json::from_str(&self.metadata[key]).unwrap()
    }

    pub fn tensors(&self) -> SafeTensors<'_> {
        SafeTensors::deserialize(&self.bytes).unwrap()
    }

    pub fn bytes_of(&self, name: &str) -> Vec<u8> {
        self.tensors().tensor(name).unwrap().data().to_vec()
    }
}

/// The fixtures' model, changed by `edit` before it is loaded, under the configuration of a session.
pub fn checkpoint(session: &File, edit: impl Fn(&str, &mut Vec<u8>)) -> Checkpoint {
    let file = File::read("../model/tests/fixtures", "model.safetensors");
    let is_old = session.json("config")["family"] == "sam2";
    let absent = if is_old { file.json("sam2_absent") } else { Value::Array(Vec::new()) };
    let kept = |name: &str| !absent.as_array().unwrap().iter().any(|other| other == name);
    let mut tensors = Vec::new();
    for (name, view) in file.tensors().iter().filter(|(name, _)| kept(name)) {
        let mut bytes = view.data().to_vec();
        edit(name, &mut bytes);
        tensors.push((name.to_owned(), view.dtype(), view.shape().to_vec(), bytes));
    }
    let views = tensors
        .iter()
        .map(|(name, dtype, shape, bytes)| (name, TensorView::new(*dtype, shape.clone(), bytes).unwrap()));
    let metadata = Metadata::from([("config".to_owned(), session.metadata["config"].clone())]);
    let bytes = safetensors::serialize(views, Some(metadata)).unwrap();
    Checkpoint::from_bytes("fixture", bytes).unwrap()
}

pub fn frames() -> Vec<Frame> {
    let file = File::read("tests/fixtures", "frames.safetensors");
    let shape = file.tensors().tensor("frames").unwrap().shape().to_vec();
    let [_, height, width, 3] = shape[..] else { panic!("frames are {shape:?}") };
    let pixels = file.bytes_of("frames");
    let frame = |(number, rgb): (usize, &[u8])| Frame {
        number: number as u64,
        stamp: Stamp::arriving(0),
        intact: true,
        width: width as u32,
        height: height as u32,
        rgb: Arc::from(rgb),
    };
    pixels.chunks_exact(height * width * 3).enumerate().map(frame).collect()
}

/// What the script of a session says about a frame.
pub fn actions(session: &File, frame: &Frame) -> Vec<(ObjectId, Action)> {
    let script = session.json("prompts");
    let entries = script.as_array().unwrap().iter().filter(|entry| entry["frame"] == frame.number);
    entries.map(|entry| (id(&entry["object"]), action(session, entry, frame))).collect()
}

pub fn id(value: &Value) -> ObjectId {
    ObjectId::new(value.as_u64().unwrap() as u32).unwrap()
}

fn action(session: &File, entry: &Value, frame: &Frame) -> Action {
    if entry["remove"] == true {
        return Action::Remove;
    }
    if let Some(name) = entry["mask"].as_str() {
        let mask = BinaryMask::new(frame.width, frame.height, session.bytes_of(name)).unwrap();
        return Action::Prompt(Prompt::Mask(Rle::encode(&mask)));
    }
    let points = entry["points"].as_array().into_iter().flatten().map(|point| {
        let [x, y, label] = numbers(point).try_into().unwrap();
        Point { x, y, positive: label == 1.0 }
    });
    let bbox = entry["box"].is_array().then(|| numbers(&entry["box"]).try_into().unwrap());
    Action::Prompt(Prompt::Shapes { points: points.collect(), bbox })
}

fn numbers(value: &Value) -> Vec<f32> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap() as f32).collect()
}

pub fn options(session: &File) -> TrackerOptions {
    let known_frames = Some(session.metadata["num_frames"].parse().unwrap());
    TrackerOptions { known_frames, keep_logits: true, ..TrackerOptions::default() }
}

pub fn relative(ours: &[f32], theirs: &[f32]) -> f32 {
    assert_eq!(ours.len(), theirs.len());
    if !ours.iter().all(|value| value.is_finite()) {
        return f32::INFINITY;
    }
    let greatest = theirs.iter().fold(0.0f32, |most, value| most.max(value.abs()));
    ours.iter().zip(theirs).fold(0.0f32, |most, (a, b)| most.max((a - b).abs() / greatest))
}

//! Two scripted sessions of twelve frames against what the official predictor says of every frame: clicks, boxes and masks,
//! corrections, objects that come later, and removals. Fixtures by `crates/model/tests/fixtures/generate.py`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where a helper of it finds something wrong")]

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use maskd_model::{Checkpoint, DeviceSpec};
use maskd_tracker::{Step, StepLogits, TrackerOptions, open};
use maskd_types::{Action, BinaryMask, Frame, ObjectId, Point, Prompt, Rle, Stamp};
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;
use serde_json::Value;

/// Greatest error on any frame, as a fraction of the greatest value.
const TOLERANCE: f32 = 1e-3;

type Metadata = HashMap<String, String>;

struct File {
    bytes: Vec<u8>,
    metadata: Metadata,
}

impl File {
    fn read(folder: &str, name: &str) -> Self {
        let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), folder, name].iter().collect();
        let bytes = std::fs::read(path).unwrap();
        let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
        Self { metadata: header.metadata().clone().unwrap_or_default(), bytes }
    }

    fn json(&self, key: &str) -> Value {
        serde_json::from_str(&self.metadata[key]).unwrap()
    }

    fn tensors(&self) -> SafeTensors<'_> {
        SafeTensors::deserialize(&self.bytes).unwrap()
    }

    fn bytes_of(&self, name: &str) -> Vec<u8> {
        self.tensors().tensor(name).unwrap().data().to_vec()
    }

    fn floats(&self, name: &str) -> Vec<f32> {
        let words = self.bytes_of(name);
        words.chunks_exact(4).map(|word| f32::from_le_bytes(word.try_into().unwrap())).collect()
    }
}

/// The fixtures' model, changed by `edit` before it is loaded, under the configuration of a session.
fn checkpoint(session: &File, edit: impl Fn(&str, &mut Vec<u8>)) -> Checkpoint {
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

fn frames() -> Vec<Frame> {
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
fn actions(session: &File, frame: &Frame) -> Vec<(ObjectId, Action)> {
    let script = session.json("prompts");
    let entries = script.as_array().unwrap().iter().filter(|entry| entry["frame"] == frame.number);
    entries.map(|entry| (id(&entry["object"]), action(session, entry, frame))).collect()
}

fn id(value: &Value) -> ObjectId {
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

fn options(session: &File) -> TrackerOptions {
    let known_frames = Some(session.metadata["num_frames"].parse().unwrap());
    TrackerOptions { known_frames, keep_logits: true, ..TrackerOptions::default() }
}

/// Greatest errors of a frame, as fractions of the greatest values.
#[derive(Clone, Copy, Debug, Default)]
struct Errors {
    logits: f32,
    iou: f32,
    score: f32,
}

impl Errors {
    fn worst(self) -> f32 {
        self.logits.max(self.iou).max(self.score)
    }
}

fn relative(ours: &[f32], theirs: &[f32]) -> f32 {
    assert_eq!(ours.len(), theirs.len());
    if !ours.iter().all(|value| value.is_finite()) {
        return f32::INFINITY;
    }
    let greatest = theirs.iter().fold(0.0f32, |most, value| most.max(value.abs()));
    ours.iter().zip(theirs).fold(0.0f32, |most, (a, b)| most.max((a - b).abs() / greatest))
}

/// Compares object by object: the logits of one that is out of sight dwarf all others.
fn errors(session: &File, number: usize, logits: &StepLogits) -> Errors {
    let theirs = session.floats(&format!("f{number}/low_res"));
    let cells = logits.size[0] * logits.size[1];
    assert_eq!(logits.low_res.len(), theirs.len(), "logits of frame {number}");
    let objects = logits.low_res.chunks_exact(cells).zip(theirs.chunks_exact(cells));
    Errors {
        logits: objects.map(|(ours, theirs)| relative(ours, theirs)).fold(0.0, f32::max),
        iou: relative(&logits.iou, &session.floats(&format!("f{number}/iou"))),
        score: relative(&logits.object_score, &session.floats(&format!("f{number}/object_score"))),
    }
}

/// Masks at the size of the video, of the frames for which the fixture has them, to the pixel.
fn check_masks(session: &File, frame: &Frame, step: &Step) -> usize {
    let name = format!("f{}/video_res", frame.number);
    if !session.tensors().names().contains(&name.as_str()) {
        return 0;
    }
    let theirs = session.floats(&name);
    let pixels = (frame.width * frame.height) as usize;
    assert_eq!(theirs.len(), step.objects.len() * pixels);
    for (object, theirs) in step.objects.iter().zip(theirs.chunks_exact(pixels)) {
        let theirs: Vec<u8> = theirs.iter().map(|&logit| u8::from(logit > 0.0)).collect();
        assert!(object.mask.decode().data() == theirs, "mask of {} on frame {}", object.id, frame.number);
        assert_eq!(object.area, theirs.iter().map(|&pixel| u64::from(pixel)).sum::<u64>());
    }
    1
}

fn check_session(name: &str) {
    let session = File::read("tests/fixtures", &format!("{name}.safetensors"));
    let mut tracker = open(checkpoint(&session, |_, _| {}), &DeviceSpec::Cpu, options(&session)).unwrap();
    let ids = session.json("ids");
    let mut frames_with_masks = 0;
    for (number, frame) in frames().iter().enumerate() {
        let step = tracker.step(frame, &actions(&session, frame)).unwrap();
        let expected: Vec<ObjectId> = ids[number].as_array().unwrap().iter().map(id).collect();
        assert_eq!(step.objects.iter().map(|object| object.id).collect::<Vec<_>>(), expected, "frame {number}");
        assert_eq!(tracker.objects(), expected);
        let found = errors(&session, number, step.logits.as_ref().unwrap());
        println!(
            "{name} frame {number}: logits {:.1e}, iou {:.1e}, score {:.1e}",
            found.logits, found.iou, found.score
        );
        assert!(found.worst() <= TOLERANCE, "frame {number} is off: {found:?}");
        frames_with_masks += check_masks(&session, frame, &step);
    }
    assert_eq!(frames_with_masks, 2);
}

#[test]
fn session_of_sam_2_1() {
    check_session("session_21");
}

#[test]
fn session_of_sam_2_0() {
    check_session("session_20");
}

/// Worst error of all frames when the network or the way it is used is not the reference's.
fn worst_error(edit: impl Fn(&str, &mut Vec<u8>), change: impl Fn(&mut TrackerOptions)) -> f32 {
    let session = File::read("tests/fixtures", "session_21.safetensors");
    let mut options = options(&session);
    change(&mut options);
    let mut tracker = open(checkpoint(&session, edit), &DeviceSpec::Cpu, options).unwrap();
    let worst = frames().into_iter().enumerate().map(|(number, frame)| {
        let step = tracker.step(&frame, &actions(&session, &frame)).unwrap();
        errors(&session, number, step.logits.as_ref().unwrap()).worst()
    });
    worst.fold(0.0, f32::max)
}

#[test]
fn a_weight_that_is_off_is_noticed() {
    let damage = |name: &str, bytes: &mut Vec<u8>| {
        if name == "maskmem_tpos_enc" {
            // The lowest bit of the exponent of one f16 number: twice its value, or half of it.
            bytes[1] ^= 0x04;
        }
    };
    assert!(worst_error(damage, |_| {}) > TOLERANCE);
}

#[test]
fn a_video_whose_length_is_unknown_gives_pointers_another_age() {
    assert!(worst_error(|_, _| {}, |options| options.known_frames = None) > TOLERANCE);
}

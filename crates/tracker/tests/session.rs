//! Two scripted sessions of twelve frames against what the official predictor says of every frame: clicks, boxes and masks,
//! corrections, objects that come later, and removals. Fixtures by `crates/model/tests/fixtures/generate.py`.
#![expect(clippy::unwrap_used, reason = "a test ends where a helper of it finds something wrong")]

mod common;

use common::{File, actions, checkpoint, frames, id, options, relative};
use maskd_model::DeviceSpec;
use maskd_tracker::{Step, StepLogits, TrackerOptions, open};
use maskd_types::{Frame, ObjectId};

/// Greatest error on any frame, as a fraction of the greatest value.
const TOLERANCE: f32 = 1e-3;

fn floats(session: &File, name: &str) -> Vec<f32> {
    let words = session.bytes_of(name);
    words.chunks_exact(4).map(|word| f32::from_le_bytes(word.try_into().unwrap())).collect()
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

/// Compares object by object: the logits of one that is out of sight dwarf all others.
fn errors(session: &File, number: usize, logits: &StepLogits) -> Errors {
    let theirs = floats(session, &format!("f{number}/low_res"));
    let cells = logits.size[0] * logits.size[1];
    assert_eq!(logits.low_res.len(), theirs.len(), "logits of frame {number}");
    let objects = logits.low_res.chunks_exact(cells).zip(theirs.chunks_exact(cells));
    Errors {
        logits: objects.map(|(ours, theirs)| relative(ours, theirs)).fold(0.0, f32::max),
        iou: relative(&logits.iou, &floats(session, &format!("f{number}/iou"))),
        score: relative(&logits.object_score, &floats(session, &format!("f{number}/object_score"))),
    }
}

/// Masks at the size of the video, of the frames for which the fixture has them, to the pixel.
fn check_masks(session: &File, frame: &Frame, step: &Step) -> usize {
    let name = format!("f{}/video_res", frame.number);
    if !session.tensors().names().contains(&name.as_str()) {
        return 0;
    }
    let theirs = floats(session, &name);
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

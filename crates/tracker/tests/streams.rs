//! Several streams through one network: each gets what it would get alone.
#![expect(clippy::unwrap_used, reason = "a test ends where a helper of it finds something wrong")]

mod common;

use common::{File, actions, checkpoint, frames, options, relative};
use maskd_model::DeviceSpec;
use maskd_tracker::{
    SavedTrack, Step, StreamFrame, StreamId, StreamTracker, TrackerError, TrackerOptions, open, open_streams,
};
use maskd_types::{Action, Frame, ObjectId, ObjectState};

/// Batching adds up in another order at most.
const TOLERANCE: f32 = 1e-5;
const A: StreamId = StreamId(1);
const B: StreamId = StreamId(7);

fn session() -> File {
    File::read("tests/fixtures", "session_21.safetensors")
}

fn streams(options: TrackerOptions) -> Box<dyn StreamTracker> {
    open_streams(checkpoint(&session(), |_, _| {}), &DeviceSpec::Cpu, options).unwrap()
}

/// Pictures of another stream: the same, upside down.
fn upside_down(frame: &Frame) -> Frame {
    let row = frame.width as usize * 3;
    let rgb: Vec<u8> = frame.rgb.chunks_exact(row).rev().flatten().copied().collect();
    Frame { rgb: rgb.into(), ..frame.clone() }
}

fn step(tracker: &mut dyn StreamTracker, stream: StreamId, frame: &Frame, actions: &[(ObjectId, Action)]) -> Step {
    let mut answers = tracker.step(&[StreamFrame { stream, frame, actions }]).unwrap();
    assert_eq!(answers.len(), 1);
    answers.remove(0).unwrap()
}

fn assert_same(batched: &Step, alone: &Step) {
    let ids = |step: &Step| step.objects.iter().map(|object| (object.id, object.state)).collect::<Vec<_>>();
    assert_eq!(ids(batched), ids(alone));
    let (batched, alone) = (batched.logits.as_ref(), alone.logits.as_ref());
    assert_eq!(batched.is_some(), alone.is_some());
    if let (Some(batched), Some(alone)) = (batched, alone) {
        assert!(relative(&batched.low_res, &alone.low_res) <= TOLERANCE);
        assert!(relative(&batched.iou, &alone.iou) <= TOLERANCE);
        assert!(relative(&batched.object_score, &alone.object_score) <= TOLERANCE);
    }
}

#[test]
fn streams_in_one_batch_are_tracked_as_each_alone() {
    let session = session();
    let alone = || open(checkpoint(&session, |_, _| {}), &DeviceSpec::Cpu, options(&session)).unwrap();
    let (mut alone_a, mut alone_b) = (alone(), alone());
    let mut together = streams(options(&session));
    let frames = frames();
    // The second stream comes three frames later, so that the banks differ in length and go through in groups.
    for (number, frame) in frames.iter().enumerate() {
        let said = actions(&session, frame);
        let other = number.checked_sub(3).map(|earlier| upside_down(&frames[earlier]));
        let other_said = other.as_ref().map(|other| actions(&session, other)).unwrap_or_default();
        let mut inputs = vec![StreamFrame { stream: A, frame, actions: &said }];
        inputs.extend(other.as_ref().map(|frame| StreamFrame { stream: B, frame, actions: &other_said }));
        let answers = together.step(&inputs).unwrap();
        assert_eq!(answers.len(), inputs.len());
        let mut answers = answers.into_iter().map(Result::unwrap);
        assert_same(&answers.next().unwrap(), &alone_a.step(frame, &said).unwrap());
        if let Some(other) = &other {
            assert_same(&answers.next().unwrap(), &alone_b.step(other, &other_said).unwrap());
        }
        assert_eq!(together.objects(A), alone_a.objects());
        assert_eq!(together.objects(B), alone_b.objects());
    }
}

#[test]
fn a_wrong_action_of_one_stream_leaves_the_others_alone() {
    let session = session();
    let mut tracker = streams(options(&session));
    let frames = frames();
    let said = actions(&session, &frames[0]);
    let nobody = [(ObjectId::new(99).unwrap(), Action::Remove)];
    let inputs = [
        StreamFrame { stream: B, frame: &frames[0], actions: &nobody },
        StreamFrame { stream: A, frame: &frames[0], actions: &said },
    ];
    let answers = tracker.step(&inputs).unwrap();
    assert!(matches!(answers[0], Err(TrackerError::UnknownObject { .. })));
    assert_eq!(answers[1].as_ref().unwrap().objects.len(), tracker.objects(A).len());
    assert!(!tracker.objects(A).is_empty() && tracker.objects(B).is_empty());
}

#[test]
fn a_damaged_frame_leaves_no_trace() {
    let session = session();
    let frames = frames();
    let garbage = Frame { intact: false, rgb: vec![7; frames[1].rgb.len()].into(), ..frames[1].clone() };
    let (mut clean, mut hit) = (streams(options(&session)), streams(options(&session)));
    let said = actions(&session, &frames[0]);
    for tracker in [&mut clean, &mut hit] {
        step(tracker.as_mut(), A, &frames[0], &said);
    }
    let shown = step(hit.as_mut(), A, &garbage, &[]);
    assert_eq!(shown.objects.len(), hit.objects(A).len(), "objects are shown on a damaged frame");
    let refused = hit.step(&[StreamFrame { stream: A, frame: &garbage, actions: &said }]).unwrap();
    assert!(matches!(refused[0], Err(TrackerError::DamagedFrame { .. })));
    for frame in &frames[1..5] {
        let (clean, hit) = (step(clean.as_mut(), A, frame, &[]), step(hit.as_mut(), A, frame, &[]));
        assert!(relative(&hit.logits.unwrap().low_res, &clean.logits.unwrap().low_res) == 0.0);
    }
}

#[test]
fn tracks_come_back_from_what_was_saved() {
    let session = session();
    let frames = frames();
    let mut before = streams(options(&session));
    let first = step(before.as_mut(), A, &frames[0], &actions(&session, &frames[0]));
    assert!(before.bank_bytes(A) > 0 && before.bank_bytes(B) == 0);
    let saved = before.save(A).unwrap();
    assert_eq!(saved.iter().map(|track| track.object).collect::<Vec<_>>(), before.objects(A));

    let mut after = streams(options(&session));
    for track in &saved {
        after.restore(B, track).unwrap();
    }
    assert_eq!(after.objects(B), before.objects(A));
    let (next, restored) = (step(before.as_mut(), A, &frames[1], &[]), step(after.as_mut(), B, &frames[1], &[]));
    assert_eq!(first.objects.len(), restored.objects.len());
    let (next, restored) = (next.logits.unwrap(), restored.logits.unwrap());
    assert!(relative(&restored.low_res, &next.low_res) < 0.05, "a restored track sees what the old one saw");

    let foreign = SavedTrack { object: ObjectId::FIRST, map: vec![0.0; 3], pointer: vec![0.0; 3] };
    assert!(matches!(after.restore(B, &foreign), Err(TrackerError::ForeignTrack { .. })));
    after.forget(B);
    assert!(after.objects(B).is_empty());
}

#[test]
fn objects_in_sight_are_reacquired_after_a_gap() {
    let session = session();
    let frames = frames();
    let mut tracker = streams(options(&session));
    let seen = step(tracker.as_mut(), A, &frames[0], &actions(&session, &frames[0]));
    let visible = |step: &Step| step.objects.iter().filter(|object| object.area > 0).count();
    assert!(visible(&seen) > 0);
    tracker.interrupted(A);
    let back = step(tracker.as_mut(), A, &frames[1], &[]);
    let reacquired = back.objects.iter().filter(|object| object.state == ObjectState::Reacquired).count();
    assert!(reacquired > 0 && reacquired == visible(&back));
}

//! Frames that are encoded before it is their turn come out as they would have.
#![expect(clippy::unwrap_used, reason = "a test ends where a helper of it finds something wrong")]

mod common;

use std::sync::Arc;

use common::{File, actions, checkpoint, frames, options, relative};
use maskd_model::DeviceSpec;
use maskd_tracker::{Step, StreamFrame, StreamId, StreamTracker, Tracker, open, open_streams};
use maskd_types::Frame;

fn session() -> File {
    File::read("tests/fixtures", "session_21.safetensors")
}

fn tracker(session: &File) -> Box<dyn Tracker> {
    open(checkpoint(session, |_, _| {}), &DeviceSpec::Cpu, options(session)).unwrap()
}

/// To the bit.
fn assert_same(one: &Step, other: &Step, number: usize) {
    assert_eq!(one.objects, other.objects, "frame {number}");
    let [one, other] = [one, other].map(|step| step.logits.as_ref());
    assert_eq!(one.is_some(), other.is_some(), "frame {number}");
    if let (Some(one), Some(other)) = (one, other) {
        let most = relative(&one.low_res, &other.low_res).max(relative(&one.iou, &other.iou));
        assert!(most <= 0.0, "frame {number} is off by {most}");
    }
}

/// The session with whatever frame `next` says is expected after each.
fn check(next: impl Fn(&[Frame], usize) -> Option<Frame>) {
    let (session, frames) = (session(), frames());
    let (mut ahead, mut plain) = (tracker(&session), tracker(&session));
    for (number, frame) in frames.iter().enumerate() {
        if let Some(next) = next(&frames, number) {
            ahead.prefetch(&next);
        }
        let said = actions(&session, frame);
        assert_same(&ahead.step(frame, &said).unwrap(), &plain.step(frame, &said).unwrap(), number);
    }
}

#[test]
fn the_frame_that_follows() {
    check(|frames, number| frames.get(number + 1).cloned());
}

#[test]
fn a_frame_that_does_not_follow() {
    check(|frames, number| frames.get(number + 2).cloned());
}

#[test]
fn a_frame_of_the_same_number_with_other_pixels() {
    check(|frames, number| {
        let next = frames.get(number + 1)?;
        Some(Frame { rgb: vec![9; next.rgb.len()].into(), ..next.clone() })
    });
}

#[test]
fn a_frame_that_cannot_be_encoded() {
    check(|frames, number| Some(Frame { width: 0, ..frames.get(number + 1)?.clone() }));
}

#[test]
fn every_second_frame_only() {
    check(|frames, number| frames.get(number + 1).filter(|_| number % 2 == 0).cloned());
}

/// As many as hold the pixels of a frame.
fn holders(frame: &Frame) -> usize {
    Arc::strong_count(&frame.rgb)
}

#[test]
fn a_frame_is_held_until_its_turn_and_no_longer() {
    let (session, frames) = (session(), frames());
    let mut tracker = tracker(&session);
    for (number, pair) in frames.windows(2).enumerate() {
        let [frame, next] = pair else { unreachable!("windows of two") };
        let (before, idle) = (holders(next), rayon::current_num_threads() > 1);
        tracker.prefetch(next);
        let tracked = !tracker.step(frame, &actions(&session, frame)).unwrap().objects.is_empty();
        assert_eq!(holders(next) - before, usize::from(tracked && idle), "frame {number}");
        assert_eq!(holders(frame), 1, "frame {number}");
    }
}

#[test]
fn streams_are_expected_apart() {
    let (session, frames) = (session(), frames());
    let streams = || open_streams(checkpoint(&session, |_, _| {}), &DeviceSpec::Cpu, options(&session)).unwrap();
    let (mut ahead, mut plain) = (streams(), streams());
    // The second stream is two frames behind.
    for number in 2..frames.len() {
        let pair = [(StreamId(0), &frames[number]), (StreamId(1), &frames[number - 2])];
        let said = if number == 2 { actions(&session, &frames[0]) } else { Vec::new() };
        if let Some(next) = frames.get(number + 1) {
            ahead.prefetch(StreamId(0), next);
            ahead.prefetch(StreamId(1), &frames[number - 1]);
        }
        let both = |tracker: &mut dyn StreamTracker| -> Vec<Step> {
            let inputs = pair.map(|(stream, frame)| StreamFrame { stream, frame, actions: &said });
            tracker.step(&inputs).unwrap().into_iter().map(Result::unwrap).collect()
        };
        let (ahead, plain) = (both(ahead.as_mut()), both(plain.as_mut()));
        assert!(plain.iter().all(|step| !step.objects.is_empty()));
        ahead.iter().zip(&plain).for_each(|(ahead, plain)| assert_same(ahead, plain, number));
    }
}

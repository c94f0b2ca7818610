//! Prompts that cannot be applied, and what is said of the frames that can be prompted.

use maskd_tracker::{RingView, StreamId, StreamTracker, TrackerError};
use maskd_types::{Prompt, Rle};

use crate::story::{Story, Telling, assert_same, busy, damage, empty, id, open, points, step, tell};

const STREAM: StreamId = StreamId(0);

fn refusal(tracker: &mut dyn StreamTracker, frame: u64, prompt: &Prompt) -> TrackerError {
    tracker.prompt_past(STREAM, frame, id(9), prompt).unwrap_err()
}

/// A stream whose source numbers its frames by threes: 0, 3, 6...
fn by_threes(mut story: Story) -> Story {
    story.frames.iter_mut().for_each(|frame| frame.number *= 3);
    story
}

#[test]
fn a_frame_that_is_not_there_is_told_apart() {
    for story in [busy(10), empty(10)] {
        let mut tracker = open(4);
        tell(tracker.as_mut(), &[by_threes(story)], Telling::Never);
        let mut why = |frame| refusal(tracker.as_mut(), frame, &points(&[(1.0, 1.0, true)]));
        assert_eq!(why(17).to_string(), "frame 17 is no longer remembered; the oldest that can be prompted is 18");
        assert_eq!(why(22).to_string(), "frame 22 was not tracked; the nearest that can be prompted are 21 and 24");
        assert_eq!(why(30).to_string(), "frame 30 has not been tracked yet; the newest that can be prompted is 27");
        assert!(matches!(why(0), TrackerError::FrameGone { frame: 0, oldest: Some(18), newest: Some(27) }));
        assert!(matches!(why(22), TrackerError::FrameSkipped { frame: 22, before: 21, after: 24 }));
        assert!(matches!(why(30), TrackerError::FrameToCome { frame: 30, newest: 27 }));
    }
}

#[test]
fn without_a_ring_nothing_is_remembered() {
    let mut tracker = open(0);
    tell(tracker.as_mut(), &[busy(3)], Telling::Never);
    let why = refusal(tracker.as_mut(), 2, &points(&[(1.0, 1.0, true)]));
    assert_eq!(why.to_string(), "frame 2 is no longer remembered, nor is any other of its stream");
    assert!(matches!(why, TrackerError::FrameGone { frame: 2, oldest: None, newest: None }));
    assert_eq!(tracker.ring(STREAM), RingView::default());
}

#[test]
fn what_is_refused_changes_nothing() {
    let mut story = busy(12);
    damage(&mut story, 6);
    let untouched = tell(open(8).as_mut(), &[story.clone()], Telling::Never).remove(0);
    let mut tracker = open(8);
    tell(tracker.as_mut(), &[Story { frames: story.frames[..10].to_vec(), ..story.clone() }], Telling::Never);
    let (ring, bytes) = (tracker.ring(STREAM), tracker.bank_bytes(STREAM));
    let mut why = |frame, prompt| refusal(tracker.as_mut(), frame, &prompt);
    assert!(matches!(why(6, points(&[(1.0, 1.0, true)])), TrackerError::DamagedFrame { .. }));
    assert!(matches!(why(5, points(&[])), TrackerError::EmptyPrompt { .. }));
    assert!(matches!(why(5, points(&[(f32::NAN, 1.0, true)])), TrackerError::Coordinate { .. }));
    assert!(matches!(why(5, Prompt::Mask(Rle::empty(3, 3))), TrackerError::MaskSize { .. }));
    assert!(matches!(why(99, points(&[(1.0, 1.0, true)])), TrackerError::FrameToCome { .. }));
    assert_eq!((tracker.ring(STREAM), tracker.bank_bytes(STREAM)), (ring, bytes));
    assert_eq!(tracker.objects(STREAM), [id(1), id(2)]);
    for place in 10..12 {
        let next = step(tracker.as_mut(), &story.frames[place], &[]);
        [1, 2].into_iter().for_each(|object| assert_same(&next, &untouched.steps[place], id(object), place));
    }
}

#[test]
fn of_two_frames_with_one_number_the_newer_is_meant() {
    let mut story = empty(8);
    story.frames.iter_mut().for_each(|frame| frame.number %= 5);
    let mut tracker = open(8);
    tell(tracker.as_mut(), &[story], Telling::Never);
    let behind = |tracker: &mut dyn StreamTracker, frame| {
        tracker.prompt_past(STREAM, frame, id(1), &points(&[(9.0, 9.0, true)])).unwrap().behind
    };
    assert_eq!(behind(tracker.as_mut(), 2), 0);
    assert_eq!(behind(tracker.as_mut(), 3), 4);
}

#[test]
fn the_ring_says_what_it_holds() {
    let frames = empty(9).frames;
    let mut tracker = open(5);
    let frame_bytes = tracker.ring_frame_bytes();
    let view = |frames, oldest, newest, encoded| RingView {
        frames,
        oldest: Some(oldest),
        newest: Some(newest),
        bytes: encoded * frame_bytes,
    };
    assert_eq!(tracker.ring(STREAM), RingView::default());
    for frame in &frames[..3] {
        step(tracker.as_mut(), frame, &[]);
    }
    // Nobody has looked at these frames yet.
    assert_eq!(tracker.ring(STREAM), view(3, 0, 2, 0));
    tracker.prompt_past(STREAM, 1, id(1), &points(&[(9.0, 9.0, true)])).unwrap();
    assert_eq!(tracker.ring(STREAM), view(3, 0, 2, 1));
    for frame in &frames[3..8] {
        step(tracker.as_mut(), frame, &[]);
    }
    assert_eq!(tracker.ring(STREAM), view(5, 3, 7, 5));
    tracker.forget(STREAM);
    assert_eq!(tracker.ring(STREAM), RingView::default());
    assert!(matches!(refusal(tracker.as_mut(), 7, &points(&[(9.0, 9.0, true)])), TrackerError::FrameGone { .. }));
}

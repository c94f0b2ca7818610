//! Several prompts for one object, out of order, and removals on the way.

use maskd_model::DeviceSpec;
use maskd_tracker::{StreamFrame, StreamId, TrackerError, TrackerOptions};
use maskd_types::{Action, Prompt};

use crate::common::{checkpoint, options, relative};
use crate::story::{
    Story, TOLERANCE, Telling, assert_same, busy, check, click, empty, find, id, open, points, session, step, tell,
};

const RING: usize = 16;
const STREAM: StreamId = StreamId(0);

fn thing() -> Prompt {
    points(&[(40.0, 12.0, true)])
}

fn correction() -> Prompt {
    points(&[(44.0, 10.0, true), (12.0, 30.5, false)])
}

#[test]
fn a_second_prompt_behind_what_the_object_has_reached() {
    // The first step takes the object from frame 2 to frame 5.
    check(RING, &[Story { clicks: vec![click(3, 2, 10, thing()), click(3, 4, 11, correction())], ..busy(20) }]);
}

#[test]
fn a_second_prompt_ahead_of_what_the_object_has_reached() {
    check(RING, &[Story { clicks: vec![click(3, 2, 10, thing()), click(3, 8, 11, correction())], ..busy(20) }]);
    check(RING, &[Story { clicks: vec![click(3, 2, 10, thing()), click(3, 10, 10, correction())], ..empty(20) }]);
}

#[test]
fn a_prompt_for_an_earlier_frame_than_the_one_before() {
    check(RING, &[Story { clicks: vec![click(1, 8, 9, correction()), click(1, 4, 11, thing())], ..busy(20) }]);
    check(RING, &[Story { clicks: vec![click(3, 8, 9, thing()), click(3, 4, 10, thing())], ..empty(20) }]);
}

#[test]
fn a_prompt_for_a_frame_before_the_object_began_in_time() {
    let mut story = Story { clicks: vec![click(3, 4, 9, thing())], ..busy(18) };
    story.live.push((7, id(3), Action::Prompt(correction())));
    check(RING, &[story]);
}

#[test]
fn a_prompt_after_the_object_has_caught_up() {
    // It arrives with frame 9; frames 4 to 9 know what it was on its way.
    check(RING, &[Story { clicks: vec![click(3, 3, 7, thing()), click(3, 6, 12, correction())], ..busy(20) }]);
}

#[test]
fn a_second_prompt_on_a_frame_takes_the_place_of_the_first() {
    let twice = Story { clicks: vec![click(3, 3, 8, correction()), click(3, 3, 9, thing())], ..busy(16) };
    let once = Story { clicks: vec![click(3, 3, 9, thing())], ..busy(16) };
    let (twice, once) = (
        tell(open(RING).as_mut(), &[twice], Telling::Late).remove(0),
        tell(open(RING).as_mut(), &[once], Telling::Late).remove(0),
    );
    assert_eq!(twice.caught_up, once.caught_up);
    assert!(find(&once.steps[15], id(3)).is_some());
    (0..16).for_each(|place| assert_same(&twice.steps[place], &once.steps[place], id(3), place));
}

#[test]
fn a_prompt_in_a_step_takes_the_object_to_the_present() {
    let mut story = Story { clicks: vec![click(3, 1, 9, thing())], ..busy(18) };
    story.live.push((11, id(3), Action::Prompt(correction())));
    let in_time = tell(open(RING).as_mut(), &[story.clone()], Telling::InTime).remove(0);
    let late = tell(open(RING).as_mut(), &[story], Telling::Late).remove(0);
    assert_eq!(late.caught_up.get(&id(3)), Some(&11));
    (11..18).for_each(|place| assert_same(&late.steps[place], &in_time.steps[place], id(3), place));
}

#[test]
fn an_object_is_removed_on_its_way() {
    let story = Story { clicks: vec![click(3, 1, 9, thing())], ..busy(14) };
    let mut tracker = open(RING);
    tell(tracker.as_mut(), &[Story { frames: story.frames[..10].to_vec(), ..story.clone() }], Telling::Late);
    assert_eq!(tracker.objects(STREAM), [id(1), id(2), id(3)]);
    let with = tracker.bank_bytes(STREAM);
    let removed = step(tracker.as_mut(), &story.frames[10], &[(id(3), Action::Remove)]);
    assert_eq!(tracker.objects(STREAM), [id(1), id(2)]);
    assert!(removed.caught_up.is_empty() && tracker.bank_bytes(STREAM) < with);
    let twice =
        tracker.step(&[StreamFrame { stream: STREAM, frame: &story.frames[11], actions: &[(id(3), Action::Remove)] }]);
    assert!(matches!(twice.unwrap()[0], Err(TrackerError::UnknownObject { .. })));
    for frame in &story.frames[11..] {
        assert_eq!(step(tracker.as_mut(), frame, &[]).objects.len(), 2);
    }
}

#[test]
fn a_removed_object_begins_anew_on_a_past_frame() {
    let story = busy(14);
    let mut tracker = open(RING);
    tell(tracker.as_mut(), &[Story { frames: story.frames[..10].to_vec(), ..story.clone() }], Telling::Never);
    step(tracker.as_mut(), &story.frames[10], &[(id(1), Action::Remove)]);
    // The bank that object 1 had before frame 5 is gone, so this is what any new object becomes.
    let again = tracker.prompt_past(STREAM, 5, id(1), &thing()).unwrap();
    let other = tracker.prompt_past(STREAM, 5, id(7), &thing()).unwrap();
    assert_eq!(again.object.mask, other.object.mask);
    let last = story.frames[11..].iter().map(|frame| step(tracker.as_mut(), frame, &[])).last().unwrap();
    let (again, other) = (find(&last, id(1)).unwrap(), find(&last, id(7)).unwrap());
    assert!(again.0.mask == other.0.mask && relative(again.1, other.1) <= TOLERANCE);
}

#[test]
fn an_object_on_its_way_is_saved() {
    let mut tracker = open(RING);
    let story = Story { clicks: vec![click(3, 1, 9, thing())], ..busy(10) };
    tell(tracker.as_mut(), &[story], Telling::Late);
    let saved = tracker.save(STREAM).unwrap();
    assert_eq!(saved.iter().map(|track| track.object).collect::<Vec<_>>(), [id(1), id(2), id(3)]);
    // What was restored is not replaced by what was on its way.
    tracker.restore(STREAM, &saved[2]).unwrap();
    let next = step(tracker.as_mut(), &empty(11).frames[10], &[]);
    assert!(next.caught_up.is_empty() && find(&next, id(3)).is_some());
}

#[test]
fn a_tracker_of_one_stream_keeps_no_ring() {
    let session = session();
    let with = TrackerOptions { prompt_ring_frames: RING, ..options(&session) };
    let open = |options| maskd_tracker::open(checkpoint(&session, |_, _| {}), &DeviceSpec::Cpu, options).unwrap();
    let (mut with, mut without) = (open(with), open(options(&session)));
    let story = busy(4);
    let said: Vec<_> = story.live.iter().map(|(_, object, action)| (*object, action.clone())).collect();
    for (place, frame) in story.frames.iter().enumerate() {
        let said = if place == 0 { said.as_slice() } else { &[] };
        let (with, without) = (with.step(frame, said).unwrap(), without.step(frame, said).unwrap());
        assert_eq!(with.logits.unwrap().low_res, without.logits.unwrap().low_res);
    }
}

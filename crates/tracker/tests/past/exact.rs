//! Objects that are prompted late against the same objects prompted in time.

use maskd_types::Frame;

use crate::story::{Outcome, Story, Telling, assert_same_object, busy, check, click, damage, empty, find, id, open};
use crate::story::{points, tell};

/// Frames of the ring, unless a test is about it.
const RING: usize = 16;

/// The step after `told` with which an object arrives: every step takes it over three frames, and adds one.
fn expected_arrival(on: usize, told: usize) -> usize {
    told + (told - on).div_ceil(2)
}

/// Checks a story with one click about each of its late objects, and when each arrives.
fn check_arrivals(ring: usize, stories: &[Story]) -> Vec<Outcome> {
    let late = check(ring, stories);
    let in_time = tell(open(ring).as_mut(), stories, Telling::InTime);
    for ((story, late), in_time) in stories.iter().zip(&late).zip(&in_time) {
        for (click, applied) in story.clicks.iter().zip(&late.applied) {
            assert_eq!(applied.behind, (click.told - click.on) as u64);
            assert_eq!(applied.frame, story.frames[click.on].number);
            assert_same_object(&applied.object, find(&in_time.steps[click.on], click.object).unwrap().0);
            assert_eq!(late.caught_up.get(&click.object), Some(&expected_arrival(click.on, click.told)));
        }
    }
    late
}

fn thing() -> maskd_types::Prompt {
    points(&[(40.0, 12.0, true)])
}

fn correction() -> maskd_types::Prompt {
    points(&[(22.0, 17.0, true), (12.0, 30.5, false)])
}

#[test]
fn a_new_object_beside_others() {
    check_arrivals(RING, &[Story { clicks: vec![click(3, 4, 9, thing())], ..busy(18) }]);
}

#[test]
fn a_new_object_in_a_stream_without_objects() {
    check_arrivals(RING, &[Story { clicks: vec![click(3, 2, 9, thing())], ..empty(20) }]);
}

#[test]
fn a_correction() {
    check_arrivals(RING, &[Story { clicks: vec![click(1, 4, 8, correction())], ..busy(16) }]);
}

#[test]
fn a_correction_of_the_only_object() {
    let mut story = Story { clicks: vec![click(1, 5, 6, correction())], ..busy(14) };
    story.live.retain(|(_, object, _)| *object == id(1));
    check_arrivals(RING, &[story]);
}

#[test]
fn two_objects_at_once() {
    let clicks = vec![click(3, 2, 9, thing()), click(2, 6, 9, correction())];
    check_arrivals(RING, &[Story { clicks, ..busy(20) }]);
}

#[test]
fn two_new_objects_on_frames_that_nobody_looked_at() {
    let clicks = vec![click(3, 2, 8, thing()), click(4, 3, 8, correction())];
    check_arrivals(RING, &[Story { clicks, ..empty(18) }]);
}

#[test]
fn two_streams() {
    let first = Story { clicks: vec![click(3, 4, 9, thing())], ..busy(18) };
    let second = Story { clicks: vec![click(1, 3, 10, correction())], ..empty(20) };
    check_arrivals(RING, &[first, second]);
}

#[test]
fn damaged_frames_leave_no_trace() {
    for story in [busy(18), empty(18)] {
        let mut story = Story { clicks: vec![click(3, 3, 9, thing())], ..story };
        // Before the click, on its way, and after it has arrived.
        [1, 5, 6, 10, 14].into_iter().for_each(|place| damage(&mut story, place));
        check_arrivals(RING, &[story]);
    }
}

#[test]
fn the_way_is_as_long_as_the_ring() {
    let ring = 8;
    for story in [busy(20), empty(20)] {
        check_arrivals(ring, &[Story { clicks: vec![click(3, 2, 9, thing())], ..story }]);
    }
    check_arrivals(2, &[Story { clicks: vec![click(3, 8, 9, thing())], ..busy(14) }]);
}

#[test]
fn pictures_change_their_size() {
    for story in [busy(18), empty(18)] {
        let mut story = Story { clicks: vec![click(3, 4, 9, thing())], ..story };
        for frame in &mut story.frames[6..] {
            *frame = half_height(frame);
        }
        check_arrivals(RING, &[story]);
    }
}

/// Every other row.
fn half_height(frame: &Frame) -> Frame {
    let rows = frame.rgb.chunks_exact(frame.width as usize * 3).step_by(2);
    Frame { height: frame.height / 2, rgb: rows.flatten().copied().collect::<Vec<u8>>().into(), ..frame.clone() }
}

#[test]
fn on_the_newest_frame_there_is_no_way_to_go() {
    let clicks = vec![click(3, 7, 7, thing()), click(1, 7, 7, correction())];
    for ring in [1, RING] {
        let late = check(ring, &[Story { clicks: clicks.clone(), ..busy(12) }]);
        assert!(late[0].caught_up.is_empty());
        assert!(late[0].applied.iter().all(|applied| applied.behind == 0));
        let alone = check(ring, &[Story { clicks: clicks[..1].to_vec(), ..empty(12) }]);
        assert!(alone[0].caught_up.is_empty());
    }
}

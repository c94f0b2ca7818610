//! `no_overlap`: no pixel belongs to two objects, and memories know of it.
#![expect(clippy::unwrap_used, reason = "a test ends where a helper of it finds something wrong")]

mod common;

use common::{File, actions, checkpoint, frames, options, relative};
use maskd_model::DeviceSpec;
use maskd_tracker::{Step, TrackerOptions, open};

/// The steps of the scripted session, of its first object only or of all.
fn steps(no_overlap: bool, fill_holes_area: u32, alone: bool) -> Vec<Step> {
    let session = File::read("tests/fixtures", "session_21.safetensors");
    let options = TrackerOptions { no_overlap, fill_holes_area, ..options(&session) };
    let mut tracker = open(checkpoint(&session, |_, _| {}), &DeviceSpec::Cpu, options).unwrap();
    let mut first = None;
    let step = |frame| {
        let mut said = actions(&session, &frame);
        if alone {
            first = first.or(said.first().map(|(object, _)| *object));
            said.retain(|(object, _)| Some(*object) == first);
        }
        tracker.step(&frame, &said).unwrap()
    };
    frames().into_iter().map(step).collect()
}

/// Pixels that belong to more than one object.
fn contested(step: &Step) -> usize {
    let masks: Vec<_> = step.objects.iter().map(|object| object.mask.decode()).collect();
    let pixels = masks.first().map_or(0, |mask| mask.data().len());
    let owners = |pixel: usize| masks.iter().filter(|mask| mask.data()[pixel] != 0).count();
    (0..pixels).filter(|&pixel| owners(pixel) > 1).count()
}

fn logits(step: &Step) -> &[f32] {
    &step.logits.as_ref().unwrap().low_res
}

#[test]
fn no_pixel_belongs_to_two_objects() {
    let (free, apart) = (steps(false, 0, false), steps(true, 0, false));
    assert!(free.iter().map(contested).max().unwrap() > 100, "the session is no test: nothing is contested in it");
    for (number, step) in apart.iter().enumerate() {
        assert_eq!(contested(step), 0, "frame {number}");
    }
    assert!(apart.iter().flat_map(|step| &step.objects).any(|object| object.area > 0));
}

#[test]
fn holes_are_not_filled_with_what_belongs_to_others() {
    let all = steps(true, u32::MAX, false);
    assert!(all.iter().all(|step| contested(step) == 0));
    let filled = |steps: &[Step]| steps.iter().flat_map(|step| &step.objects).map(|object| object.area).sum::<u64>();
    assert!(filled(&all) > filled(&steps(true, 0, false)), "no hole was filled");
}

#[test]
fn what_was_taken_is_not_remembered() {
    let (free, apart) = (steps(false, 0, false), steps(true, 0, false));
    let first = free.iter().position(|step| contested(step) > 0).unwrap();
    for number in 0..=first {
        assert_eq!(
            logits(&free[number]),
            logits(&apart[number]),
            "frame {number} only remembers what was not contested"
        );
    }
    let change = relative(logits(&apart[first + 1]), logits(&free[first + 1]));
    assert!(change > 1e-3, "memories do not know who owns a pixel: {change:.1e}");
}

#[test]
fn an_object_alone_is_followed_as_ever() {
    for (free, apart) in steps(false, 0, true).iter().zip(&steps(true, 0, true)) {
        assert_eq!(free.objects, apart.objects);
        assert_eq!(free.logits.as_ref().map(|l| &l.low_res), apart.logits.as_ref().map(|l| &l.low_res));
    }
}

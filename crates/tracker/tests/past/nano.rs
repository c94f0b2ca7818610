//! The built-in model, at half of its side: a late click on a disc that moves finds the disc.

use std::sync::Arc;

use maskd_model::{Checkpoint, DeviceSpec};
use maskd_tracker::{TrackerOptions, open_streams};
use maskd_types::{Frame, Stamp};

use crate::story::{Story, Telling, assert_same, click, find, id, points, tell};

const SIDE: u32 = 192;
const RADIUS: f64 = 34.0;

/// Where the disc is.
fn centre(number: u64) -> (f64, f64) {
    (60.0 + 5.0 * number as f64, 110.0 - 2.0 * number as f64)
}

fn inside(number: u64, x: u32, y: u32) -> bool {
    let (cx, cy) = centre(number);
    (f64::from(x) - cx).hypot(f64::from(y) - cy) < RADIUS
}

fn picture(number: u64) -> Frame {
    let pixel = |x: u32, y: u32| {
        // A checked ground of two dull greens.
        let ground = if (x / 16 + y / 16).is_multiple_of(2) { [70, 96, 74] } else { [82, 110, 86] };
        if inside(number, x, y) { [214, 62, 40] } else { ground }
    };
    let rgb: Vec<u8> = (0..SIDE).flat_map(|y| (0..SIDE).flat_map(move |x| pixel(x, y))).collect();
    Frame { number, stamp: Stamp::arriving(0), width: SIDE, height: SIDE, intact: true, rgb: Arc::from(rgb) }
}

/// Intersection over union of a mask with the disc.
fn overlap(mask: &[u8], number: u64) -> f64 {
    let truth = (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| inside(number, x, y)));
    let (mut both, mut either) = (0.0, 0.0);
    for (found, wanted) in mask.iter().map(|&pixel| pixel == 1).zip(truth) {
        both += f64::from(u8::from(found && wanted));
        either += f64::from(u8::from(found || wanted));
    }
    both / either
}

#[test]
fn a_late_click_finds_the_disc() {
    let told = |telling| {
        let options = TrackerOptions {
            image_size: Some(128),
            prompt_ring_frames: 8,
            keep_logits: true,
            ..TrackerOptions::default()
        };
        let mut tracker = open_streams(Checkpoint::builtin().unwrap(), &DeviceSpec::Cpu, options).unwrap();
        let (x, y) = centre(3);
        let clicks = vec![click(1, 3, 7, points(&[(x as f32, y as f32, true)]))];
        let story = Story { frames: (0..12).map(picture).collect(), live: Vec::new(), clicks };
        tell(tracker.as_mut(), &[story], telling).remove(0)
    };
    let (late, in_time) = (told(Telling::Late), told(Telling::InTime));
    assert_eq!(late.caught_up.get(&id(1)), Some(&9));
    for place in 9..12 {
        assert_same(&late.steps[place], &in_time.steps[place], id(1), place);
        let (disc, _) = find(&late.steps[place], id(1)).unwrap();
        let overlap = overlap(disc.mask.decode().data(), place as u64);
        println!("frame {place}: IoU {overlap:.3}");
        assert!(overlap > 0.8, "the mask on frame {place} is not the disc: {overlap:.3}");
    }
}

//! Frames whose masks overlap, and what their label images must be.

use maskd_types::{CaptureClock, CaptureTime, Rle, TrackedFrame};

use super::common::{frame, object, tracked, with_mask};

/// Capture time of the first frame.
pub const NAMED_NS: u64 = 1_795_380_903_123_456_789;

const SIZE: [u32; 2] = [61, 43];

/// A frame of the stream `front-door`: one object with a name, one over it, one out of sight.
pub fn street(number: u64) -> TrackedFrame {
    let [width, height] = SIZE;
    let step = number as u32;
    let mut cup = object(3, 0.75, SIZE, [5 + step, 4, 30 + step, 20]);
    cup.name = Some("cup ü".into());
    let over = object(200, 0.9, SIZE, [20, 10 + step, 45, 31 + step]);
    let hidden = with_mask(7, 0.1, Rle::empty(width, height));
    let mut frame = tracked(frame(number, width, height), vec![cup, hidden, over]);
    frame.stream = "front-door".into();
    frame.frame.stamp.capture = CaptureTime { unix_ns: NAMED_NS + number, clock: CaptureClock::Camera };
    frame
}

/// Pixel by pixel: of the masks that hold it, the one with the highest score.
pub fn labels(frame: &TrackedFrame) -> Vec<u8> {
    let masks: Vec<_> = frame.objects.iter().map(|object| (object, object.mask.decode())).collect();
    let label = |pixel: usize| {
        let inside = masks.iter().filter(|(_, mask)| mask.data()[pixel] == 1).map(|(object, _)| object);
        let best = inside.max_by(|a, b| a.score.total_cmp(&b.score));
        best.map_or(0, |object| object.id.get() as u8)
    };
    (0..(frame.frame.width * frame.frame.height) as usize).map(label).collect()
}

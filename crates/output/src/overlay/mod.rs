//! Draws what is known of a frame onto its picture.

mod label;
mod mask;
mod text;

use maskd_types::TrackedFrame;

use crate::Picture;

pub(crate) use label::caption;

/// The frame with every mask blended in its colour, outlined, and labelled with id and score. Objects out of sight are
/// listed in the upper left corner with their state.
pub fn draw(frame: &TrackedFrame) -> Picture {
    let mut picture = Picture::from_frame(&frame.frame);
    for object in &frame.objects {
        mask::fill(&mut picture, &object.mask, colour(object.id.get()));
    }
    for object in &frame.objects {
        mask::outline(&mut picture, &object.mask, colour(object.id.get()));
    }
    label::draw_all(&mut picture, &frame.objects);
    picture
}

/// Bright colours that stay apart from each other, for neighbours in number most of all.
const COLOURS: [[u8; 3]; 12] = [
    [255, 72, 72],
    [56, 160, 255],
    [92, 220, 88],
    [255, 200, 40],
    [204, 96, 255],
    [36, 220, 216],
    [255, 136, 40],
    [255, 116, 188],
    [176, 236, 52],
    [120, 124, 255],
    [0, 200, 140],
    [232, 190, 150],
];

/// The colour that an object is drawn in; they repeat after twelve ids.
pub fn colour(id: u32) -> [u8; 3] {
    let index = id.saturating_sub(1) as usize % COLOURS.len();
    COLOURS.get(index).copied().unwrap_or([255; 3])
}

use crate::{ObjectId, Rle};

/// A click.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Source pixels from the left edge.
    pub x: f32,
    /// Source pixels from the top edge.
    pub y: f32,
    /// `true` for "this belongs to the object", `false` for "this does not".
    pub positive: bool,
}

/// All that a user said about one object on one frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Prompt {
    /// Clicks, a box, or both; never neither.
    Shapes {
        /// Clicks in the order they were made.
        points: Vec<Point>,
        /// Edges `[x0, y0, x1, y1]` in source pixels.
        bbox: Option<[f32; 4]>,
    },
    /// The object's exact mask, of the frame's size.
    Mask(Rle),
}

/// What to do with an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Start tracking the object, or correct its track.
    Prompt(Prompt),
    /// Forget the object.
    Remove,
}

/// An action and the frame it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct TimedAction {
    /// Number of the frame.
    pub frame: u64,
    /// The object it is about.
    pub object: ObjectId,
    /// What to do.
    pub action: Action,
}

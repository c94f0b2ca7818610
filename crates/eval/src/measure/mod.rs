//! Measures of one mask against the truth.

mod contour;
mod disk;

pub use contour::{TOLERANCE, contour_accuracy};

use maskd_types::Rle;

/// Region similarity J and contour accuracy F of one mask, each 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measures {
    /// Intersection over union; 1 where both masks are empty.
    pub j: f64,
    /// F-measure of the contours, see [`contour_accuracy`].
    pub f: f64,
}

impl Measures {
    /// Compares a mask with the true one. Masks of different sizes have nothing in common.
    pub fn of(mask: &Rle, truth: &Rle) -> Self {
        if (mask.width(), mask.height()) != (truth.width(), truth.height()) {
            return Self::default();
        }
        Self { j: mask.iou(truth), f: contour_accuracy(&mask.decode(), &truth.decode(), TOLERANCE) }
    }
}

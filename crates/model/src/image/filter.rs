//! Weighted windows of a separable resize that widens its filter when it shrinks the picture.

use std::ops::Range;

/// The inputs that make one output.
#[derive(Clone, Debug)]
pub struct Window<W> {
    /// First input.
    pub first: usize,
    /// A weight for each input.
    pub weights: Vec<W>,
}

impl<W> Window<W> {
    /// The inputs covered.
    pub fn inputs(&self) -> Range<usize> {
        self.first..self.first + self.weights.len()
    }
}

/// Inputs covered by all of the windows together, which are in order.
pub fn span<W>(windows: &[Window<W>]) -> Range<usize> {
    match (windows.first(), windows.last()) {
        (Some(first), Some(last)) => first.inputs().start..last.inputs().end,
        _ => 0..0,
    }
}

//! The page in a real browser.

mod browser;
mod clicks;
mod devtools;
mod grid;
mod keyboard;
mod latency;
mod pointer;
mod viewers;

use maskd_types::Rle;
use serde_json::Value;

use crate::click::{Truths, inside};

/// The object of the scene that the small model knows best; it is in sight throughout.
const EASY: u32 = 3;

/// That object, and a point on it.
fn best(truths: &Truths, frame: u64) -> (u32, [f64; 2]) {
    (EASY, inside(truths.mask(frame, EASY)))
}

fn mask(reply: &Value) -> Rle {
    crate::click::mask(&reply["mask"])
}

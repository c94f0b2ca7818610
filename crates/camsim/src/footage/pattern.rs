use std::sync::Arc;

use super::{Picture, Reel};
use crate::CamsimError;

const BARS: [[u8; 3]; 8] = [
    [235, 235, 235],
    [220, 220, 20],
    [20, 220, 220],
    [20, 200, 20],
    [220, 20, 220],
    [220, 20, 20],
    [20, 20, 220],
    [30, 30, 30],
];

/// Colour bars with a square that bounces about.
pub(super) struct PatternReel {
    width: usize,
    height: usize,
    bars: Vec<u8>,
    number: usize,
}

impl PatternReel {
    pub(super) fn new((width, height): (u32, u32)) -> Self {
        let (width, height) = (width as usize, height as usize);
        let row = (0..width).flat_map(|x| BARS[x * BARS.len() / width]);
        let bars = row.collect::<Vec<u8>>().repeat(height);
        Self { width, height, bars, number: 0 }
    }
}

/// There and back between 0 and `most`.
fn bounce(steps: usize, most: usize) -> usize {
    if most == 0 {
        return 0;
    }
    let turn = steps % (2 * most);
    turn.min(2 * most - turn)
}

impl Reel for PatternReel {
    fn next_picture(&mut self) -> Result<Picture, CamsimError> {
        let mut rgb = self.bars.clone();
        let side = self.height.min(self.width) / 4;
        let left = bounce(self.number * 4, self.width - side);
        let top = bounce(self.number * 3, self.height - side);
        for row in rgb.chunks_exact_mut(self.width * 3).skip(top).take(side) {
            if let Some(span) = row.get_mut(left * 3..(left + side) * 3) {
                span.fill(128);
            }
        }
        self.number += 1;
        Ok(Picture { rgb, truth: Arc::from([]) })
    }
}

//! What light and the camera do to a picture: vignette, a warm glow that wanders, exposure, sensor noise.

use std::f32::consts::TAU;

use crate::math::{cos, sin};
use crate::palette::Rgb;
use crate::rng::Rng;

pub(crate) struct Light {
    phase: f32,
    noise: Vec<f32>,
}

/// The light of one frame.
pub(crate) struct Moment<'a> {
    centre: [f32; 2],
    glow: [f32; 2],
    /// One over the distance from the centre to a corner.
    scale: f32,
    exposure: f32,
    noise: &'a [f32],
    rng: Rng,
}

const NOISE: usize = 1 << 16;
/// Standard deviation of the sensor noise in 8 bit steps.
const GRAIN: f32 = 2.2;

impl Light {
    pub(crate) fn new(rng: &mut Rng) -> Self {
        // Twelve uniform numbers sum to a variance of one.
        let bell = |_| ((0..12).map(|_| rng.unit()).sum::<f32>() - 6.0) * GRAIN;
        let noise = (0..NOISE).map(bell).collect();
        Self { phase: rng.range(0.0, TAU), noise }
    }

    pub(crate) fn at(&self, width: u32, height: u32, seconds: f32, rng: Rng) -> Moment<'_> {
        let (w, h) = (width as f32, height as f32);
        let turn = 0.35 * seconds + self.phase;
        Moment {
            centre: [0.5 * w, 0.5 * h],
            glow: [w * (0.5 + 0.4 * cos(turn)), h * (0.4 + 0.3 * sin(1.3 * turn))],
            scale: 2.0 / (w * w + h * h).sqrt(),
            exposure: 1.03 + 0.05 * sin(0.5 * seconds + self.phase),
            noise: &self.noise,
            rng,
        }
    }
}

impl Moment<'_> {
    /// Lights a row and writes it as bytes, red first.
    pub(crate) fn develop(&mut self, y: usize, row: &[Rgb], bytes: &mut [u8]) {
        let off_y = (y as f32 + 0.5 - self.centre[1]) * self.scale;
        let glow_y = (y as f32 + 0.5 - self.glow[1]) * self.scale;
        // A row has 8192 pixels at most, so there is always enough noise left behind the start.
        let start = self.rng.below(NOISE.saturating_sub(bytes.len()));
        let mut noise = self.noise.iter().skip(start);
        for (x, (pixel, out)) in row.iter().zip(bytes.chunks_exact_mut(3)).enumerate() {
            let off_x = (x as f32 + 0.5 - self.centre[0]) * self.scale;
            let glow_x = (x as f32 + 0.5 - self.glow[0]) * self.scale;
            let vignette = 1.0 - 0.34 * (off_x * off_x + off_y * off_y);
            let near = (1.0 - 1.4 * (glow_x * glow_x + glow_y * glow_y)).max(0.0);
            let glow = 0.2 * near * near;
            let gain = 255.0 * self.exposure * vignette;
            let warm = [gain * (1.0 + 1.1 * glow), gain * (1.0 + 0.9 * glow), gain * (1.0 + 0.6 * glow)];
            for ((byte, channel), warm) in out.iter_mut().zip(pixel).zip(warm) {
                let grain = noise.next().copied().unwrap_or(0.0);
                *byte = (channel * warm + grain + 0.5) as u8;
            }
        }
    }
}

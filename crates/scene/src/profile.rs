use std::f32::consts::{PI, TAU};

use crate::math::{cos, sin};
use crate::rng::Rng;

/// How far an outline is from its centre in each direction; never more than 1.
#[derive(Clone, Debug)]
pub(crate) enum Profile {
    Disc,
    /// `|x|^4 + |y|^4 = 1`, scaled into the unit circle.
    Squircle,
    /// A circle with waves around it that come and go.
    Blob([Wave; 3]),
    /// A regular polygon with round corners.
    Polygon(f32),
    /// As many tips as the number says; the valleys reach in to `depth`.
    Star {
        tips: f32,
        depth: f32,
    },
    /// Round petals.
    Flower {
        petals: f32,
        depth: f32,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Wave {
    turns: f32,
    strength: f32,
    phase: f32,
    speed: f32,
}

impl Profile {
    pub(crate) fn blob(rng: &mut Rng) -> Self {
        Self::Blob([2.0, 3.0, 5.0].map(|turns| Wave {
            turns,
            strength: rng.range(0.4, 0.75) / (turns + 1.0),
            phase: rng.range(0.0, TAU),
            speed: rng.sign() * rng.range(0.6, 2.2),
        }))
    }

    pub(crate) fn deforms(&self) -> bool {
        matches!(self, Self::Blob(_))
    }

    /// The distance in direction `angle` at a time in seconds.
    pub(crate) fn radius(&self, angle: f32, seconds: f32) -> f32 {
        match self {
            Self::Disc => 1.0,
            Self::Squircle => squircle(angle),
            Self::Blob(waves) => blob(waves, angle, seconds),
            Self::Polygon(sides) => polygon(*sides, angle),
            Self::Star { tips, depth } => star(*tips, *depth, angle),
            Self::Flower { petals, depth } => 1.0 - depth * (0.5 - 0.5 * cos(petals * angle)),
        }
    }
}

fn squircle(angle: f32) -> f32 {
    let (c, s) = (cos(angle), sin(angle));
    // 0.84 is one over the fourth root of two: the corners are that much further out than the sides.
    0.840_896 / (c * c * c * c + s * s * s * s).sqrt().sqrt()
}

fn blob(waves: &[Wave; 3], angle: f32, seconds: f32) -> f32 {
    let (mut radius, mut most) = (1.0, 1.0);
    for wave in waves {
        radius += wave.strength * sin(wave.turns * angle + wave.phase + wave.speed * seconds);
        most += wave.strength;
    }
    radius / most
}

/// The edges' half planes, joined by a soft maximum that rounds the corners.
fn polygon(sides: f32, angle: f32) -> f32 {
    let mut sum = 0.0;
    for side in 0..sides as u32 {
        let facing = cos(angle - TAU * side as f32 / sides).max(0.0);
        let fourth = facing * facing * facing * facing;
        let sixteenth = fourth * fourth * fourth * fourth;
        sum += sixteenth * sixteenth;
    }
    let facing = sum.sqrt().sqrt().sqrt().sqrt().sqrt();
    (cos(PI / sides) * 1.02 / facing).min(1.0)
}

/// Straight lines from tips to valleys, a little blunt at the tips.
fn star(tips: f32, depth: f32, angle: f32) -> f32 {
    let step = PI / tips;
    let along = (angle / (2.0 * step)).rem_euclid(1.0);
    let from_tip = (1.0 - (2.0 * along - 1.0).abs()) * step;
    // The line through (1, 0) and the valley at angle `step`, distance `depth`, in polar form.
    let (valley_x, valley_y) = (depth * cos(step), depth * sin(step));
    let radius = valley_y / (valley_y * cos(from_tip) + (1.0 - valley_x) * sin(from_tip));
    radius.min(0.94 + 0.02 * cos(from_tip))
}

//! What objects are covered with.

use std::f32::consts::TAU;

use crate::math::{cos, mix, sin, smoothstep};
use crate::noise::Field;
use crate::palette::{Palette, Rgb, blend, scaled};
use crate::rng::Rng;
use crate::tile::Tile;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Pattern {
    Stripes,
    Dots,
    Camouflage,
    Rings,
    Scales,
    Checks,
    Gradient,
    Veins,
}

pub(crate) const PATTERNS: [Pattern; 8] = [
    Pattern::Stripes,
    Pattern::Dots,
    Pattern::Camouflage,
    Pattern::Rings,
    Pattern::Scales,
    Pattern::Checks,
    Pattern::Gradient,
    Pattern::Veins,
];

/// Paints a pattern over the square from -1 to 1 around an outline's centre.
pub(crate) fn paint(pattern: Pattern, palette: &Palette, side: usize, rng: &mut Rng) -> Tile {
    let wobble = Field::fractal(side, 4, 5, 0.55, rng);
    let grain = Field::fractal(side, 16, 4, 0.7, rng);
    let design = Design { palette: *palette, direction: rng.range(0.0, TAU), fineness: rng.range(0.8, 1.3) };
    Tile::paint(side, |column, row| {
        let place = |step: usize| (step as f32 + 0.5) * 2.0 / side as f32 - 1.0;
        let noise = wobble.at(column as f32, row as f32);
        let colour = design.colour(pattern, place(column), place(row), noise);
        scaled(colour, mix(0.82, 1.18, grain.at(column as f32, row as f32)))
    })
}

struct Design {
    palette: Palette,
    direction: f32,
    fineness: f32,
}

impl Design {
    fn colour(&self, pattern: Pattern, x: f32, y: f32, noise: f32) -> Rgb {
        let Palette { main, second, .. } = self.palette;
        match pattern {
            Pattern::Stripes => self.stripes(x, y, noise),
            Pattern::Dots => self.dots(x, y),
            Pattern::Camouflage => self.camouflage(noise),
            Pattern::Rings => self.rings(x, y, noise),
            Pattern::Scales => self.scales(x, y),
            Pattern::Checks => self.checks(x, y),
            Pattern::Gradient => {
                blend(main, second, (0.5 + 0.5 * self.along(x, y) + 0.2 * (noise - 0.5)).clamp(0.0, 1.0))
            }
            Pattern::Veins => self.veins(noise, x, y),
        }
    }

    /// The place along the design's direction, about -1 to 1.
    fn along(&self, x: f32, y: f32) -> f32 {
        cos(self.direction) * x + sin(self.direction) * y
    }

    fn stripes(&self, x: f32, y: f32, noise: f32) -> Rgb {
        let wave = sin(self.along(x, y) * 11.0 * self.fineness + 3.0 * noise);
        blend(self.palette.main, self.palette.light, smoothstep(-0.1, 0.15, wave))
    }

    /// Two sizes of dots on a brick-like grid.
    fn dots(&self, x: f32, y: f32) -> Rgb {
        let (u, v) = (x * 3.6 * self.fineness, y * 3.6 * self.fineness);
        let row = v.floor();
        let shift = if row.rem_euclid(2.0) == 1.0 { 0.5 } else { 0.0 };
        let (du, dv) = ((u + shift).rem_euclid(1.0) - 0.5, v - row - 0.5);
        let distance = (du * du + dv * dv).sqrt();
        let dotted = blend(self.palette.light, self.palette.main, smoothstep(0.27, 0.33, distance));
        blend(self.palette.second, dotted, smoothstep(0.1, 0.15, distance))
    }

    fn camouflage(&self, noise: f32) -> Rgb {
        let Palette { main, second, dark, light } = self.palette;
        let lower = blend(dark, main, smoothstep(0.3, 0.33, noise));
        let upper = blend(lower, second, smoothstep(0.5, 0.53, noise));
        blend(upper, light, smoothstep(0.68, 0.71, noise))
    }

    fn rings(&self, x: f32, y: f32, noise: f32) -> Rgb {
        let distance = ((x - 0.15) * (x - 0.15) + (y + 0.1) * (y + 0.1)).sqrt();
        let wave = sin(distance * 16.0 * self.fineness + 2.0 * noise);
        blend(self.palette.second, self.palette.main, smoothstep(-0.25, 0.25, wave))
    }

    /// Overlapping rows of half discs, each lit at its rim.
    fn scales(&self, x: f32, y: f32) -> Rgb {
        let (u, v) = (x * 5.0 * self.fineness, y * 5.0 * self.fineness);
        let mut depth = 0.0;
        for back in [0.0, 1.0] {
            let row = u.floor() - back;
            let shift = if row.rem_euclid(2.0) == 1.0 { 0.5 } else { 0.0 };
            let (du, dv) = (u - row, (v + shift).rem_euclid(1.0) - 0.5);
            let distance = (du * du * 0.45 + dv * dv * 2.0).sqrt();
            if distance < 0.86 {
                depth = distance / 0.86;
            }
        }
        let colour = blend(self.palette.main, self.palette.second, smoothstep(0.2, 0.8, depth));
        blend(colour, self.palette.dark, 0.75 * smoothstep(0.82, 1.0, depth))
    }

    fn checks(&self, x: f32, y: f32) -> Rgb {
        let (c, s) = (cos(self.direction), sin(self.direction));
        let (u, v) = ((c * x + s * y) * 9.0, (c * y - s * x) * 9.0);
        let field = sin(u * self.fineness) * sin(v * self.fineness);
        blend(self.palette.dark, self.palette.second, smoothstep(-0.06, 0.06, field))
    }

    fn veins(&self, noise: f32, x: f32, y: f32) -> Rgb {
        let ridge = (2.0 * (noise + 0.12 * self.along(x, y)) - 1.0).abs();
        let base = blend(self.palette.second, self.palette.main, smoothstep(0.05, 0.6, ridge));
        blend(self.palette.light, base, smoothstep(0.02, 0.09, ridge))
    }
}

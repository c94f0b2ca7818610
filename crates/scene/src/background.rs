//! The ground: a seamless tile in one of several styles, over which the camera drifts, turns a little and zooms.

use std::f32::consts::TAU;

use crate::affine::Affine;
use crate::math::{mix, sin, smoothstep};
use crate::noise::Field;
use crate::palette::{Rgb, blend, colour, scaled};
use crate::rng::Rng;
use crate::tile::Tile;

pub(crate) struct Background {
    tile: Tile,
    start: [f32; 2],
    drift: [f32; 2],
    phase: f32,
    texels_per_pixel: f32,
}

impl Background {
    pub(crate) fn new(width: u32, height: u32, rng: &mut Rng) -> Self {
        let side = if width.max(height) <= 900 { 1024 } else { 2048 };
        let tile = Ground::new(side, rng).paint(rng);
        let heading = rng.range(0.0, TAU);
        let speed = rng.range(0.012, 0.03) * side as f32;
        Self {
            tile,
            start: [rng.range(0.0, side as f32), rng.range(0.0, side as f32)],
            drift: [speed * sin(heading), speed * sin(heading + 1.57)],
            phase: rng.range(0.0, TAU),
            texels_per_pixel: 0.75 * side as f32 / width.max(height) as f32,
        }
    }

    /// Maps pixels of the frame to texels of the ground.
    pub(crate) fn view(&self, width: u32, height: u32, seconds: f32) -> Affine {
        let zoom = self.texels_per_pixel * (1.0 + 0.13 * sin(0.31 * seconds + self.phase));
        let angle = 0.07 * sin(0.23 * seconds + 2.0 * self.phase);
        let centre = [
            self.start[0] + self.drift[0] * seconds + 8.0 * sin(0.9 * seconds),
            self.start[1] + self.drift[1] * seconds + 6.0 * sin(0.7 * seconds + 1.0),
        ]
        .map(|place| place.rem_euclid(self.tile.side() as f32));
        let to_middle = Affine::pose([0.0, 0.0], 0.0, [1.0, 1.0]).moved(-0.5 * width as f32, -0.5 * height as f32);
        Affine::pose(centre, angle, [zoom, zoom]).after(&to_middle)
    }

    pub(crate) fn paint_row(&self, view: &Affine, y: usize, row: &mut [Rgb]) {
        for (x, pixel) in row.iter_mut().enumerate() {
            let [u, v] = view.apply(x as f32 + 0.5, y as f32 + 0.5);
            *pixel = self.tile.sample(u, v);
        }
    }
}

/// What a style is made from.
struct Ground {
    side: usize,
    broad: Field,
    fine: Field,
    warp: Field,
    low: Rgb,
    middle: Rgb,
    high: Rgb,
}

impl Ground {
    fn new(side: usize, rng: &mut Rng) -> Self {
        let hue = rng.unit();
        let near = hue + rng.range(-0.12, 0.12);
        Self {
            side,
            broad: Field::fractal(side, 4, 9, 0.58, rng),
            fine: Field::fractal(side, 64, 5, 0.75, rng),
            warp: Field::fractal(side, 4, 4, 0.5, rng),
            low: colour(hue, rng.range(0.1, 0.22), rng.range(0.2, 0.28)),
            middle: colour(near, rng.range(0.1, 0.25), rng.range(0.38, 0.46)),
            high: colour(near + 0.08, rng.range(0.06, 0.18), rng.range(0.6, 0.7)),
        }
    }

    fn paint(&self, rng: &mut Rng) -> Tile {
        match rng.below(4) {
            0 => self.earth(),
            1 => self.pebbles(rng),
            2 => self.dunes(),
            _ => self.bricks(rng),
        }
    }

    fn ramp(&self, height: f32) -> Rgb {
        let lower = blend(self.low, self.middle, smoothstep(0.05, 0.5, height));
        blend(lower, self.high, smoothstep(0.5, 0.95, height))
    }

    /// Broad noise read through a warp, with light from the upper left on its slopes.
    fn earth(&self) -> Tile {
        let stretch = self.side as f32 * 0.09;
        Tile::paint(self.side, |x, y| {
            let (x, y) = (x as f32, y as f32);
            let (u, v) = (x + stretch * self.warp.at(x, y), y + stretch * self.warp.at(y, x));
            let height = self.broad.at(u, v);
            let slope = self.broad.at(u + 3.0, v + 3.0) - height;
            let grain = mix(0.9, 1.1, self.fine.at(x, y));
            scaled(self.ramp(height), (1.0 + 2.4 * slope) * grain)
        })
    }

    /// Wind ripples: bands bent by noise, one side lit.
    fn dunes(&self) -> Tile {
        let turns = TAU * 14.0 / self.side as f32;
        Tile::paint(self.side, |x, y| {
            let (x, y) = (x as f32, y as f32);
            let bend = 9.0 * self.warp.at(x, y) + 2.0 * self.broad.at(x, y);
            let wave = sin(turns * y + bend);
            let height = 0.3 + 0.25 * self.broad.at(x, y) + 0.2 * wave;
            scaled(self.ramp(height), mix(0.9, 1.1, self.fine.at(x, y)))
        })
    }

    fn bricks(&self, rng: &mut Rng) -> Tile {
        const ROWS: usize = 20;
        const COLUMNS: usize = 10;
        let tones: Vec<f32> = (0..ROWS * COLUMNS).map(|_| rng.unit()).collect();
        Tile::paint(self.side, |x, y| {
            let wear = self.warp.at(x as f32, y as f32) * 0.05;
            let v = y as f32 * ROWS as f32 / self.side as f32;
            let row = v as usize % ROWS;
            let shift = if row.is_multiple_of(2) { 0.0 } else { 0.5 };
            let u = x as f32 * COLUMNS as f32 / self.side as f32 + shift;
            let column = u as usize % COLUMNS;
            let (du, dv) = (u.fract(), v.fract());
            let edge = (du.min(1.0 - du) * 2.0).min(dv.min(1.0 - dv));
            let tone = 0.2 + 0.45 * tones[row * COLUMNS + column] + 0.5 * (self.broad.at(x as f32, y as f32) - 0.5);
            let brick = scaled(self.ramp(tone), mix(0.85, 1.15, self.fine.at(x as f32, y as f32)));
            let lit = scaled(brick, 1.0 + 0.12 * (0.5 - dv));
            blend(scaled(self.high, 0.75), lit, smoothstep(0.03 + wear, 0.08 + wear, edge))
        })
    }

    /// Stones of many tones, each round and lit, with dark gaps between.
    fn pebbles(&self, rng: &mut Rng) -> Tile {
        let cells = Cells::new(26, rng);
        let scale = cells.across as f32 / self.side as f32;
        Tile::paint(self.side, |x, y| {
            let bend = 0.9 * self.warp.at(x as f32, y as f32);
            let (near, gap, tone, lean) = cells.nearest(x as f32 * scale + bend, y as f32 * scale + bend);
            let grain = mix(0.82, 1.18, self.fine.at(x as f32, y as f32));
            let stone = self.ramp(0.15 + 0.75 * tone + 0.3 * (self.broad.at(x as f32, y as f32) - 0.5));
            let round = (1.12 - 0.55 * near * near - 0.35 * lean) * grain;
            blend(scaled(self.low, 0.45), scaled(stone, round), smoothstep(0.03, 0.16, gap))
        })
    }
}

/// Scattered points that repeat at the edges.
struct Cells {
    across: usize,
    points: Vec<[f32; 3]>,
}

impl Cells {
    fn new(across: usize, rng: &mut Rng) -> Self {
        let point = |_| [rng.range(0.1, 0.9), rng.range(0.1, 0.9), rng.unit()];
        Self { across, points: (0..across * across).map(point).collect() }
    }

    /// Distance to the nearest point, how much further the second is, the nearest's tone, and how far the place lies
    /// to its lower right.
    fn nearest(&self, x: f32, y: f32) -> (f32, f32, f32, f32) {
        let (mut first, mut second, mut tone, mut lean) = (9.0_f32, 9.0_f32, 0.0, 0.0);
        let (column, row) = (x.floor() as i32, y.floor() as i32);
        for (dy, dx) in (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dy, dx))) {
            let wrap = |cell: i32| cell.rem_euclid(self.across as i32) as usize;
            let [px, py, own_tone] = self.points[wrap(row + dy) * self.across + wrap(column + dx)];
            let (off_x, off_y) = (x - (column + dx) as f32 - px, y - (row + dy) as f32 - py);
            let distance = (off_x * off_x + off_y * off_y).sqrt();
            if distance < first {
                (second, first, tone, lean) = (first, distance, own_tone, 0.5 * (off_x + off_y));
            } else {
                second = second.min(distance);
            }
        }
        (first, second - first, tone, lean)
    }
}

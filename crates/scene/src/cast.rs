//! Who plays: single shapes, and creatures put together from several. All lie within the unit circle.

use std::f32::consts::{FRAC_PI_4, PI, TAU};

use crate::affine::Affine;
use crate::math::sin;
use crate::palette::Palette;
use crate::profile::Profile;
use crate::rng::Rng;
use crate::texture::{self, PATTERNS, Pattern};
use crate::tile::Tile;

/// One outline of an actor and what it is covered with.
pub(crate) struct Part {
    pub(crate) profile: Profile,
    pub(crate) tile: Tile,
    /// Whether the part is large enough for its shadow to be seen.
    pub(crate) casts_shadow: bool,
    at: [f32; 2],
    angle: f32,
    scale: [f32; 2],
    swing: Swing,
}

/// How a part moves against its body: to and fro, or by folding like a wing.
#[derive(Clone, Copy, Default)]
struct Swing {
    turn: f32,
    fold: f32,
    speed: f32,
    phase: f32,
}

impl Part {
    fn new(profile: Profile, tile: Tile, at: [f32; 2], scale: [f32; 2]) -> Self {
        Self { profile, tile, casts_shadow: scale[0] > 0.14, at, angle: 0.0, scale, swing: Swing::default() }
    }

    fn turned(mut self, angle: f32) -> Self {
        self.angle = angle;
        self
    }

    fn swinging(mut self, turn: f32, speed: f32, phase: f32) -> Self {
        self.swing = Swing { turn, speed, phase, ..self.swing };
        self
    }

    fn folding(mut self, fold: f32, speed: f32) -> Self {
        self.swing = Swing { fold, speed, ..self.swing };
        self
    }

    /// Where the part is on its body at a time.
    pub(crate) fn pose(&self, seconds: f32) -> Affine {
        let wave = sin(self.swing.speed * seconds + self.swing.phase);
        let folded = 1.0 - self.swing.fold * (0.5 + 0.5 * wave);
        let at = [self.at[0], self.at[1] * folded];
        Affine::pose(at, self.angle + self.swing.turn * wave, [self.scale[0], self.scale[1] * folded])
    }
}

/// One object's looks, parts from the lowest to the uppermost.
pub(crate) struct Actor {
    pub(crate) parts: Vec<Part>,
}

/// A wardrobe: makes parts for one actor.
struct Tailor<'a> {
    palette: Palette,
    side: usize,
    rng: &'a mut Rng,
}

/// The `index`-th object of a scene. Neighbours in number differ in shape, pattern and hue; `turn` is the scene's
/// random start in the lists.
pub(crate) fn actor(index: usize, turn: [usize; 2], palette: Palette, side: usize, rng: &mut Rng) -> Actor {
    let pattern = PATTERNS[(index * 3 + turn[1]) % PATTERNS.len()];
    let mut tailor = Tailor { palette, side, rng };
    let parts = match (index * 3 + turn[0]) % 8 {
        0 => tailor.fish(pattern),
        1 => tailor.single(Profile::Flower { petals: 6.0, depth: 0.3 }, pattern),
        2 => {
            let profile = Profile::blob(tailor.rng);
            tailor.single(profile, pattern)
        }
        3 => tailor.turtle(),
        4 => tailor.single(Profile::Star { tips: 5.0, depth: 0.52 }, pattern),
        5 => tailor.single(Profile::Squircle, pattern),
        6 => tailor.butterfly(pattern),
        _ => {
            let sides = 3.0 + tailor.rng.below(4) as f32;
            tailor.single(Profile::Polygon(sides), pattern)
        }
    };
    Actor { parts }
}

impl Tailor<'_> {
    fn cloth(&mut self, pattern: Pattern) -> Tile {
        texture::paint(pattern, &self.palette, self.side, self.rng)
    }

    fn small(&mut self, colour: [f32; 3]) -> Tile {
        Tile::paint(4, |_, _| colour)
    }

    fn single(&mut self, profile: Profile, pattern: Pattern) -> Vec<Part> {
        let squash = self.rng.range(0.72, 1.0);
        vec![Part::new(profile, self.cloth(pattern), [0.0, 0.0], [1.0, squash])]
    }

    fn eye(&mut self, at: [f32; 2], size: f32) -> [Part; 2] {
        let white = self.small([0.96, 0.96, 0.92]);
        let black = self.small([0.05, 0.05, 0.07]);
        [
            Part::new(Profile::Disc, white, at, [size; 2]),
            Part::new(Profile::Disc, black, [at[0] + 0.25 * size, at[1]], [0.6 * size; 2]),
        ]
    }

    fn fish(&mut self, pattern: Pattern) -> Vec<Part> {
        let fins = self.cloth(Pattern::Veins);
        let tail = Part::new(Profile::Polygon(3.0), fins.clone(), [-0.68, 0.0], [0.36, 0.42]);
        let back = Part::new(Profile::Polygon(3.0), fins.clone(), [-0.02, -0.4], [0.34, 0.26]);
        let body = Part::new(Profile::Disc, self.cloth(pattern), [0.14, 0.0], [0.8, 0.48]);
        let fin = Part::new(Profile::Disc, fins, [0.06, 0.16], [0.2, 0.11]);
        let mut parts = vec![
            tail.turned(PI).swinging(0.4, 9.0, 0.0),
            back.turned(PI / 6.0),
            body,
            fin.turned(2.6).swinging(0.35, 9.0, 1.0),
        ];
        parts.extend(self.eye([0.6, -0.12], 0.1));
        parts
    }

    fn turtle(&mut self) -> Vec<Part> {
        let skin = self.cloth(Pattern::Camouflage);
        let mut parts: Vec<Part> = [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)]
            .into_iter()
            .map(|(along, across)| {
                let leg = Part::new(Profile::Disc, skin.clone(), [0.42 * along, 0.52 * across], [0.3, 0.15]);
                let outward = if along > 0.0 { FRAC_PI_4 * across } else { (PI - FRAC_PI_4) * across };
                leg.turned(outward).swinging(0.4, 5.0, if along * across > 0.0 { 0.0 } else { PI })
            })
            .collect();
        parts.push(Part::new(Profile::Disc, skin.clone(), [0.74, 0.0], [0.25, 0.21]).swinging(0.12, 2.5, 0.0));
        parts.extend(self.eye([0.84, -0.1], 0.055));
        parts.extend(self.eye([0.84, 0.1], 0.055));
        let shell = Part::new(Profile::Polygon(8.0), self.cloth(Pattern::Scales), [0.0, 0.0], [0.68, 0.6]);
        parts.push(shell);
        parts
    }

    fn butterfly(&mut self, pattern: Pattern) -> Vec<Part> {
        let front = self.cloth(pattern);
        let rear = self.cloth(Pattern::Rings);
        let speed = self.rng.range(4.0, 6.0);
        let mut parts = Vec::new();
        for side in [-1.0, 1.0] {
            let wing = Part::new(Profile::Disc, rear.clone(), [-0.3, 0.4 * side], [0.34, 0.4]);
            parts.push(wing.turned(0.5 * side).folding(0.45, speed));
            let wing = Part::new(Profile::Squircle, front.clone(), [0.22, 0.47 * side], [0.4, 0.55]);
            parts.push(wing.turned(-0.4 * side).folding(0.45, speed));
        }
        let body = self.small(self.palette.dark);
        parts.push(Part::new(Profile::Disc, body.clone(), [-0.06, 0.0], [0.56, 0.1]));
        parts.push(Part::new(Profile::Disc, body, [0.54, 0.0], [0.13, 0.13]));
        parts.extend(self.eye([0.6, -0.07], 0.045));
        parts.extend(self.eye([0.6, 0.07], 0.045));
        parts
    }
}

/// A time offset that keeps actors of one kind from moving in step.
pub(crate) fn time_offset(rng: &mut Rng) -> f32 {
    rng.range(0.0, TAU)
}

//! How objects get about: each steers for a place, often one that leads it across another object, and picks a new one
//! every second or two.

use std::f32::consts::TAU;

use crate::affine::Affine;
use crate::math::sin;
use crate::rng::Rng;

/// Longest step of the simulation in seconds.
const STEP: f32 = 1.0 / 60.0;
/// How often a new target lies behind another object.
const CROSSING: f32 = 0.55;
/// How often it lies outside of the frame, in scenes where objects leave.
const LEAVING: f32 = 0.3;

struct Mover {
    at: [f32; 2],
    velocity: [f32; 2],
    target: [f32; 2],
    /// When to pick the next target, in seconds.
    until: f32,
    /// On the way out of the frame, or outside: there are no walls.
    away: bool,
    angle: f32,
    spin: f32,
    radius: f32,
    /// Phases of growing, stretching and rocking.
    breath: [f32; 3],
}

/// All objects of a scene.
pub(crate) struct Troupe {
    size: [f32; 2],
    movers: Vec<Mover>,
    /// Indices of the objects from the lowest to the uppermost.
    order: Vec<usize>,
    seconds: f32,
    leaving: bool,
    rng: Rng,
}

impl Troupe {
    /// Places `count` objects so that none touches another.
    pub(crate) fn new(width: u32, height: u32, count: usize, leaving: bool, mut rng: Rng) -> Self {
        let size = [width as f32, height as f32];
        let reach = size[0].min(size[1]);
        let room = (size[0] * size[1] / count as f32).sqrt();
        let mut movers: Vec<Mover> = Vec::with_capacity(count);
        for _ in 0..count {
            let radius = (0.4 * room).min(0.24 * reach) * rng.range(0.72, 1.0);
            let at = freest_place(size, radius, &movers, &mut rng);
            movers.push(Mover::new(at, radius, reach, &mut rng));
        }
        part(&mut movers);
        let mut order: Vec<usize> = (0..count).collect();
        for last in (1..count).rev() {
            order.swap(last, rng.below(last + 1));
        }
        Self { size, movers, order, seconds: 0.0, leaving, rng }
    }

    pub(crate) fn order(&self) -> &[usize] {
        &self.order
    }

    /// The object's radius in pixels before it grows or shrinks.
    pub(crate) fn radius(&self, index: usize) -> f32 {
        self.movers.get(index).map_or(1.0, |mover| mover.radius)
    }

    /// Maps the unit circle around the object's centre to the frame.
    pub(crate) fn pose(&self, index: usize) -> Affine {
        self.movers
            .get(index)
            .map_or_else(|| Affine::pose([0.0, 0.0], 0.0, [1.0, 1.0]), |mover| mover.pose(self.seconds))
    }

    pub(crate) fn advance(&mut self, seconds: f32) {
        let steps = (seconds / STEP).ceil().max(1.0);
        for _ in 0..steps as u32 {
            self.step(seconds / steps);
        }
    }

    fn step(&mut self, dt: f32) {
        self.seconds += dt;
        for index in 0..self.movers.len() {
            if self.movers[index].until <= self.seconds {
                self.retarget(index);
            }
            let push = [self.rng.range(-1.0, 1.0), self.rng.range(-1.0, 1.0), self.rng.range(-1.0, 1.0)];
            self.movers[index].step(dt, push, self.size);
        }
    }

    fn retarget(&mut self, index: usize) {
        if self.leaving && !self.movers[index].away && self.rng.chance(LEAVING) {
            let seconds = self.rng.range(2.5, 4.0);
            return self.movers[index].leave(self.seconds + seconds, self.size);
        }
        let own = self.movers[index].at;
        let other = self.rng.below(self.movers.len());
        let target = if other != index && self.rng.chance(CROSSING) {
            let through = self.movers[other].at;
            [0, 1].map(|axis| own[axis] + 1.7 * (through[axis] - own[axis]))
        } else {
            self.size.map(|length| self.rng.range(0.1, 0.9) * length)
        };
        let until = self.seconds + self.rng.range(1.0, 2.4);
        let margin = 0.6 * self.movers[index].radius;
        let mover = &mut self.movers[index];
        (mover.until, mover.away) = (until, false);
        mover.target = [0, 1].map(|axis| target[axis].max(margin).min(self.size[axis] - margin));
        if self.is_alone(index) {
            self.restack(index);
        }
    }

    /// Whether nothing touches the object, so that nobody sees it change its place in the stack.
    fn is_alone(&self, index: usize) -> bool {
        let own = &self.movers[index];
        let apart = |other: &Mover| distance(own.at, other.at) > 1.4 * (own.radius + other.radius);
        self.movers.iter().enumerate().all(|(other, mover)| other == index || apart(mover))
    }

    fn restack(&mut self, index: usize) {
        self.order.retain(|other| *other != index);
        let place = self.rng.below(self.order.len() + 1);
        self.order.insert(place, index);
    }
}

impl Mover {
    fn new(at: [f32; 2], radius: f32, reach: f32, rng: &mut Rng) -> Self {
        let heading = rng.range(0.0, TAU);
        let speed = reach * rng.range(0.05, 0.25);
        Self {
            at,
            velocity: [speed * sin(heading), speed * sin(heading + 1.57)],
            target: at,
            until: rng.range(0.1, 0.6),
            away: false,
            angle: rng.range(0.0, TAU),
            spin: rng.sign() * rng.range(0.1, 0.7),
            radius,
            breath: [rng.range(0.35, 0.8), rng.range(0.5, 1.1), rng.range(0.0, TAU)],
        }
    }

    /// Goes out of the frame over its nearest edge, and stays there.
    fn leave(&mut self, until: f32, size: [f32; 2]) {
        let to_edge = |axis: usize| self.at[axis].min(size[axis] - self.at[axis]);
        let axis = usize::from(to_edge(1) < to_edge(0));
        let out = 2.0 * self.radius;
        let low = self.at[axis] < 0.5 * size[axis];
        self.target = self.at;
        self.target[axis] = if low { -out } else { size[axis] + out };
        (self.until, self.away) = (until, true);
    }

    /// Spring and friction towards the target, a random push, and walls that throw back.
    fn step(&mut self, dt: f32, push: [f32; 3], size: [f32; 2]) {
        let reach = size[0].min(size[1]);
        for axis in [0, 1] {
            let pull = 1.9 * (self.target[axis] - self.at[axis]) - 1.5 * self.velocity[axis];
            self.velocity[axis] += dt * (pull + 1.2 * reach * push[axis]);
        }
        let speed = (self.velocity[0] * self.velocity[0] + self.velocity[1] * self.velocity[1]).sqrt();
        let slower = (0.62 * reach / speed.max(1e-6)).min(1.0);
        let margin = 0.8 * self.radius;
        for axis in [0, 1] {
            self.velocity[axis] *= slower;
            self.at[axis] += dt * self.velocity[axis];
            let (low, high) = (margin, size[axis] - margin);
            if self.away {
                continue;
            }
            if (self.at[axis] < low && self.velocity[axis] < 0.0) || (self.at[axis] > high && self.velocity[axis] > 0.0)
            {
                self.velocity[axis] *= -0.8;
            }
        }
        self.spin += dt * (9.0 * push[2] - 0.35 * self.spin);
        self.angle += dt * self.spin.clamp(-1.8, 1.8);
    }

    fn pose(&self, seconds: f32) -> Affine {
        let [grow, stretch, phase] = self.breath;
        let size = self.radius * (1.0 + 0.2 * sin(grow * seconds));
        let squeeze = 1.0 + 0.09 * sin(stretch * TAU * 0.5 * seconds + phase);
        Affine::pose(self.at, self.angle, [size * squeeze, size / squeeze])
    }
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    let (dx, dy) = (a[0] - b[0], a[1] - b[1]);
    (dx * dx + dy * dy).sqrt()
}

/// Of many random places, the one with most room around it.
fn freest_place(size: [f32; 2], radius: f32, others: &[Mover], rng: &mut Rng) -> [f32; 2] {
    let mut best = (f32::MIN, [0.5 * size[0], 0.5 * size[1]]);
    for _ in 0..200 {
        let at = size.map(|length| {
            let margin = (1.1 * radius).min(0.5 * length);
            rng.range(margin, length - margin)
        });
        let room = |other: &Mover| distance(at, other.at) - radius - other.radius;
        let least = others.iter().map(room).fold(f32::MAX, f32::min);
        // With room to spare any place will do; the farthest corner would look arranged.
        let least = least.min(0.4 * radius);
        if least > best.0 {
            best = (least, at);
        }
    }
    best.1
}

/// Shrinks objects that touch until a tenth of their size lies between them.
fn part(movers: &mut [Mover]) {
    for first in 0..movers.len() {
        for second in first + 1..movers.len() {
            let apart = distance(movers[first].at, movers[second].at);
            let most = apart / (1.2 * (movers[first].radius + movers[second].radius));
            for index in [first, second] {
                movers[index].radius *= most.min(1.0);
            }
        }
    }
}

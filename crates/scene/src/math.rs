//! The few functions beyond arithmetic that a scene needs, bit for bit the same everywhere.

use std::f32::consts::{FRAC_PI_2, PI, TAU};

/// Within 4e-6 of the sine for angles of a few thousand turns and less.
pub(crate) fn sin(angle: f32) -> f32 {
    let half_turns = (angle / PI + 0.5).floor();
    let x = angle - half_turns * PI;
    let s = x * x;
    let sine = x * (1.0 + s * (-1.0 / 6.0 + s * (1.0 / 120.0 + s * (-1.0 / 5040.0 + s / 362_880.0))));
    if half_turns.rem_euclid(2.0) == 1.0 { -sine } else { sine }
}

pub(crate) fn cos(angle: f32) -> f32 {
    sin(angle + FRAC_PI_2)
}

/// Within 2e-3 of the angle of `(x, y)`, from 0 to a full turn.
pub(crate) fn angle_of(x: f32, y: f32) -> f32 {
    let (long, short) = (x.abs().max(y.abs()), x.abs().min(y.abs()));
    let ratio = if long > 0.0 { short / long } else { 0.0 };
    let s = ratio * ratio;
    let octant = ((-0.046_496_5 * s + 0.159_314_2) * s - 0.327_622_8) * s * ratio + ratio;
    let quadrant = if y.abs() > x.abs() { FRAC_PI_2 - octant } else { octant };
    let half = if x < 0.0 { PI - quadrant } else { quadrant };
    if y < 0.0 { TAU - half } else { half }
}

/// The next whole number below, as `floor` has it, but without the call that `floor` is on plain x86-64.
#[inline]
pub(crate) fn whole(x: f32) -> i32 {
    let cut = x as i32;
    cut - i32::from(x < cut as f32)
}

pub(crate) fn mix(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

/// 0 below `low`, 1 above `high`, smooth between.
pub(crate) fn smoothstep(low: f32, high: f32, x: f32) -> f32 {
    let t = ((x - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sines_and_angles_are_close() {
        for step in -4000_i16..4000 {
            let angle = f32::from(step) * 0.01;
            assert!((sin(angle) - angle.sin()).abs() < 1e-5, "sin {angle}");
            let (y, x) = angle.sin_cos();
            let wanted = angle.rem_euclid(TAU);
            let off = (angle_of(x, y) - wanted).abs();
            assert!(off.min(TAU - off) < 2e-3, "angle {angle}: off by {off}");
        }
    }
}

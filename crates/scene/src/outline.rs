use crate::math::angle_of;
use crate::profile::Profile;

const STEPS: usize = 512;

/// A profile as a table over the "diamond angle", which a division finds where an angle would need an arc tangent.
pub(crate) struct Outline {
    /// Radius, and its relative slope (`dr / dangle / r`).
    entries: Vec<[f32; 2]>,
}

impl Outline {
    pub(crate) fn tabulate(profile: &Profile, seconds: f32) -> Self {
        const HALF_STEP: f32 = 0.006;
        let entry = |step: usize| {
            let angle = angle_at(step % STEPS);
            let radius = profile.radius(angle, seconds);
            let ahead = profile.radius(angle + HALF_STEP, seconds);
            let behind = profile.radius(angle - HALF_STEP, seconds);
            [radius, (ahead - behind) / (2.0 * HALF_STEP * radius)]
        };
        Self { entries: (0..=STEPS + 1).map(entry).collect() }
    }

    /// Radius and relative slope in the direction of `(x, y)`, whose distance from the centre is not 0.
    #[inline]
    pub(crate) fn towards(&self, x: f32, y: f32) -> [f32; 2] {
        let turn = diamond(x, y) * (STEPS as f32 / 4.0);
        let step = turn as usize;
        let part = turn - step as f32;
        // A diamond angle is at most 4, so the step is at most STEPS and the table has one entry more.
        let [from, to] = [self.entries[step], self.entries[step + 1]];
        [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part]
    }
}

/// Runs from 0 to 4 once around, at the pace at which a point runs around the square of corners on the axes.
#[inline]
fn diamond(x: f32, y: f32) -> f32 {
    let along = y / (x.abs() + y.abs());
    if x < 0.0 {
        2.0 - along
    } else if y < 0.0 {
        4.0 + along
    } else {
        along
    }
}

fn angle_at(step: usize) -> f32 {
    let turn = step as f32 * (4.0 / STEPS as f32);
    let (quarter, along) = (turn as u32, turn.fract());
    match quarter {
        0 => angle_of(1.0 - along, along),
        1 => angle_of(-along, 1.0 - along),
        2 => angle_of(along - 1.0, -along),
        _ => angle_of(along, along - 1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_its_profile() {
        let profile = Profile::Flower { petals: 5.0, depth: 0.3 };
        let outline = Outline::tabulate(&profile, 0.0);
        for step in 0_u16..1000 {
            let angle = f32::from(step) * 0.00628;
            let [radius, _] = outline.towards(0.3 * angle.cos(), 0.3 * angle.sin());
            assert!((radius - profile.radius(angle, 0.0)).abs() < 5e-3, "angle {angle}");
        }
    }
}

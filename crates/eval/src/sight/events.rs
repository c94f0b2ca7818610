use super::Look;

/// Hidden at least this much: something crosses.
const CROSSED: f32 = 0.3;
/// Hidden at most this much: nothing does.
const FREE: f32 = 0.1;
/// Frames that a tracker has to settle after a crossing.
const SETTLE: usize = 5;
/// Frames out of sight that are more than a blink.
const ABSENT: usize = 5;
/// Frames back in sight that are more than a glimpse.
const BACK: usize = 10;
/// The share of its area before that an object must show again to be back.
const ENOUGH: f64 = 0.25;

/// An object out of sight.
pub(super) struct Absence<'a> {
    /// The last frame of it.
    pub last: Look,
    /// The first frames after it, where it came back for long enough.
    pub back: Option<&'a [Look]>,
}

/// The frame at which a tracker must have settled, for every crossing.
pub(super) fn crossings(looks: &[Look]) -> Vec<Look> {
    let mut found = Vec::new();
    let (mut crossed, mut free) = (false, 0);
    for look in looks {
        if look.hidden >= CROSSED {
            (crossed, free) = (true, 0);
        } else if look.hidden > FREE || look.area == 0 {
            free = 0;
        } else {
            free += 1;
            if crossed && free == SETTLE {
                found.push(*look);
                crossed = false;
            }
        }
    }
    found
}

/// All stretches of frames out of sight. An object that has not been in sight yet is not out of sight.
pub(super) fn absences(looks: &[Look]) -> Vec<Absence<'_>> {
    let mut found = Vec::new();
    let mut usual = 0.0;
    let mut begin = 0;
    while let Some(stretch) = looks.get(begin..).filter(|rest| !rest.is_empty()) {
        let absent = stretch.iter().take_while(|look| look.area == 0).count();
        match stretch.get(absent.wrapping_sub(1)) {
            Some(last) if absent >= ABSENT && usual > 0.0 => {
                found.push(Absence {
                    last: *last,
                    back: stretch.get(absent..absent + BACK).filter(|back| is_back(back, usual)),
                });
            }
            _ => {}
        }
        if let (0, Some(look)) = (absent, stretch.first()) {
            usual = f64::max(usual, look.area as f64);
        }
        begin += absent.max(1);
    }
    found
}

/// In sight on every frame, and enough of it by the last.
fn is_back(looks: &[Look], usual: f64) -> bool {
    let last = looks.last().map_or(0, |look| look.area);
    looks.iter().all(|look| look.area > 0) && last as f64 >= ENOUGH * usual
}

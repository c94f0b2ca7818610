//! Whether a tracker knows that an object is out of sight, finds it again, and keeps objects apart that cross.
//!
//! J and F hardly show these: an object that hides for a second is a few frames among hundreds. Here each such event counts once.

mod events;

use serde::Serialize;

/// What there was of an object on a frame, and what the tracker made of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Pixels of the object that are in sight in truth.
    pub area: u64,
    /// The share of the object within the frame that other objects hide, 0 to 1.
    pub hidden: f32,
    /// Whether the tracker says that it is in sight.
    pub seen: bool,
    /// Intersection over union of the tracker's mask with the truth, 0 to 1.
    pub iou: f64,
}

/// How often something was right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// How often it happened.
    pub cases: u32,
    /// How often the tracker was right.
    pub right: u32,
}

/// What became of all events of some objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sight {
    /// Another object hid at least 0.3 of this one and set it free again: right where the track is on it five frames later (IoU of
    /// 0.5 or more), not on the other.
    pub crossings: Tally,
    /// It was out of sight for at least five frames: right where the tracker says so on the last of them.
    pub lost: Tally,
    /// It came back for at least ten frames: right where the tracker has it (IoU of 0.5 or more) by the tenth.
    pub reacquired: Tally,
}

impl Sight {
    /// Counts the events of one object.
    pub fn of(looks: &[Look]) -> Self {
        let mut sight = Self::default();
        for free in events::crossings(looks) {
            sight.crossings.count(on_it(&free));
        }
        for stretch in events::absences(looks) {
            sight.lost.count(!stretch.last.seen);
            if let Some(back) = stretch.back {
                sight.reacquired.count(back.iter().any(on_it));
            }
        }
        sight
    }

    /// Adds another object's events.
    pub fn add(&mut self, other: Self) {
        self.crossings.add(other.crossings);
        self.lost.add(other.lost);
        self.reacquired.add(other.reacquired);
    }
}

impl Tally {
    /// The share that was right; `None` where nothing happened.
    pub fn share(&self) -> Option<f64> {
        (self.cases > 0).then(|| f64::from(self.right) / f64::from(self.cases))
    }

    fn count(&mut self, right: bool) {
        self.cases += 1;
        self.right += u32::from(right);
    }

    fn add(&mut self, other: Self) {
        self.cases += other.cases;
        self.right += other.right;
    }
}

fn on_it(look: &Look) -> bool {
    look.seen && look.iou >= 0.5
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEEN: Look = Look { area: 1000, hidden: 0.0, seen: true, iou: 0.9 };
    const GONE: Look = Look { area: 0, hidden: 1.0, seen: false, iou: 1.0 };

    fn run(parts: &[(usize, Look)]) -> Sight {
        let looks: Vec<Look> = parts.iter().flat_map(|(count, look)| std::iter::repeat_n(*look, *count)).collect();
        Sight::of(&looks)
    }

    fn tally(cases: u32, right: u32) -> Tally {
        Tally { cases, right }
    }

    #[test]
    fn nothing_happens_to_an_object_in_plain_sight() {
        assert_eq!(run(&[(100, SEEN)]), Sight::default());
        assert_eq!(run(&[]), Sight::default());
        assert_eq!(Tally::default().share(), None);
    }

    #[test]
    fn out_of_sight_and_back() {
        let back = Look { iou: 0.6, ..SEEN };
        let sight = run(&[(10, SEEN), (6, GONE), (10, back)]);
        assert_eq!((sight.lost, sight.reacquired), (tally(1, 1), tally(1, 1)));
        let claims = run(&[
            (10, SEEN),
            (6, Look { seen: true, iou: 0.0, ..GONE }),
            (10, Look { seen: false, iou: 0.0, ..SEEN }),
        ]);
        assert_eq!((claims.lost, claims.reacquired), (tally(1, 0), tally(1, 0)));
        let elsewhere = run(&[(10, SEEN), (6, GONE), (10, Look { iou: 0.1, ..SEEN })]);
        assert_eq!((elsewhere.lost, elsewhere.reacquired), (tally(1, 1), tally(1, 0)));
    }

    #[test]
    fn a_blink_and_a_glimpse_are_no_cases() {
        let blink = run(&[(10, SEEN), (4, GONE), (10, SEEN)]);
        assert_eq!((blink.lost, blink.reacquired), (tally(0, 0), tally(0, 0)));
        let glimpse = run(&[(10, SEEN), (6, GONE), (9, SEEN), (6, GONE)]);
        assert_eq!((glimpse.lost, glimpse.reacquired), (tally(2, 2), tally(0, 0)));
        let sliver = run(&[(10, SEEN), (6, GONE), (20, Look { area: 100, ..SEEN })]);
        assert_eq!(sliver.reacquired, tally(0, 0));
    }

    #[test]
    fn crossings_are_judged_once_they_are_over() {
        let behind = Look { area: 400, hidden: 0.6, seen: true, iou: 0.1 };
        let kept = run(&[(5, SEEN), (3, behind), (8, SEEN)]);
        assert_eq!(kept.crossings, tally(1, 1));
        let taken_along = run(&[(5, SEEN), (3, behind), (8, Look { iou: 0.0, ..SEEN })]);
        assert_eq!(taken_along.crossings, tally(1, 0));
        let not_over = run(&[(5, SEEN), (3, behind), (4, SEEN)]);
        assert_eq!(not_over.crossings, tally(0, 0));
        let touched = run(&[(5, SEEN), (3, Look { hidden: 0.2, ..behind }), (8, SEEN)]);
        assert_eq!(touched.crossings, tally(0, 0));
        let twice = run(&[(5, SEEN), (3, behind), (8, SEEN), (2, behind), (5, SEEN)]);
        assert_eq!(twice.crossings, tally(2, 2));
    }

    #[test]
    fn objects_add_up() {
        let mut sum = run(&[(10, SEEN), (6, GONE), (10, SEEN)]);
        sum.add(sum);
        assert_eq!((sum.lost, sum.crossings, sum.reacquired.share()), (tally(2, 2), tally(2, 2), Some(1.0)));
    }
}

//! What a viewer gets: as large and as good as it can take.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How a picture is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rung {
    /// Its width in pixels at most.
    pub width: u32,
    /// Its JPEG quality, 1 to 100.
    pub quality: u8,
}

/// From the best to the least.
const RUNGS: [Rung; 8] = [
    Rung { width: 1920, quality: 82 },
    Rung { width: 1280, quality: 80 },
    Rung { width: 1280, quality: 65 },
    Rung { width: 960, quality: 65 },
    Rung { width: 640, quality: 65 },
    Rung { width: 640, quality: 45 },
    Rung { width: 480, quality: 45 },
    Rung { width: 320, quality: 40 },
];

/// A viewer that takes this long to answer gets less.
const SLOW: Duration = Duration::from_millis(400);

/// One that answers so fast may get more.
const FAST: Duration = Duration::from_millis(120);

/// Answers that a judgement is made from.
const ANSWERS: usize = 12;

/// How long after a step up that turned out to be too much none is tried again, at first; it doubles every time.
const CAUTION: Duration = Duration::from_secs(10);
const MOST_CAUTION: Duration = Duration::from_secs(160);

/// Climbs down fast and up slowly.
#[derive(Clone, Debug)]
pub struct Ladder {
    /// The best rung that makes sense for the viewer's size.
    best: usize,
    rung: usize,
    answers: VecDeque<Duration>,
    climbed: Option<Instant>,
    not_before: Instant,
    caution: Duration,
}

impl Ladder {
    /// For a viewer that comes now.
    pub fn new(now: Instant) -> Self {
        // Half-way down until the viewer has said how large it is.
        Self { best: 0, rung: 3, answers: VecDeque::new(), climbed: None, not_before: now, caution: CAUTION }
    }

    /// What the next frame is to be like.
    pub fn rung(&self) -> Rung {
        RUNGS.get(self.rung).copied().unwrap_or(RUNGS[RUNGS.len() - 1])
    }

    /// The viewer shows the picture so many pixels wide.
    pub fn shown_at(&mut self, width: u32) {
        let enough = RUNGS.iter().rposition(|rung| rung.width >= width.min(RUNGS[0].width));
        // The better of two qualities at the same width.
        let width = enough.and_then(|index| RUNGS.get(index)).map_or(RUNGS[0].width, |rung| rung.width);
        self.best = RUNGS.iter().position(|rung| rung.width == width).unwrap_or(0);
        self.rung = self.rung.max(self.best);
        if self.climbed.is_none() && self.answers.is_empty() {
            self.rung = self.best;
        }
    }

    /// The viewer has drawn a frame so long after it was sent.
    pub fn answered(&mut self, after: Duration, now: Instant) {
        self.answers.push_back(after);
        if self.answers.len() < ANSWERS {
            return;
        }
        let mut sorted: Vec<Duration> = self.answers.drain(..).collect();
        sorted.sort();
        let middle = sorted[sorted.len() / 2];
        if middle > SLOW && self.rung + 1 < RUNGS.len() {
            self.step_down(now);
        } else if middle < FAST && self.rung > self.best && now >= self.not_before {
            self.rung -= 1;
            self.climbed = Some(now);
        }
    }

    fn step_down(&mut self, now: Instant) {
        self.rung += 1;
        let too_high = self.climbed.take().is_some_and(|climbed| now.duration_since(climbed) < CAUTION);
        self.caution = if too_high { (self.caution * 2).min(MOST_CAUTION) } else { CAUTION };
        self.not_before = now + self.caution;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(ladder: &mut Ladder, after_ms: u64, now: Instant) {
        (0..ANSWERS).for_each(|_| ladder.answered(Duration::from_millis(after_ms), now));
    }

    #[test]
    fn nobody_gets_more_pixels_than_are_shown() {
        let now = Instant::now();
        for (width, expected) in [(4000, 1920), (1920, 1920), (1281, 1920), (1280, 1280), (700, 960), (100, 320)] {
            let mut ladder = Ladder::new(now);
            ladder.shown_at(width);
            assert_eq!(ladder.rung().width, expected, "{width}");
            (0..20).for_each(|second| answer(&mut ladder, 10, now + Duration::from_secs(20 * second)));
            assert_eq!(ladder.rung().width, expected, "{width}");
        }
    }

    #[test]
    fn a_slow_viewer_gets_less_and_a_fast_one_gets_it_back() {
        let now = Instant::now();
        let mut ladder = Ladder::new(now);
        ladder.shown_at(1280);
        assert_eq!(ladder.rung(), Rung { width: 1280, quality: 80 });
        (0..20).for_each(|_| answer(&mut ladder, 900, now));
        assert_eq!(ladder.rung(), RUNGS[RUNGS.len() - 1]);
        answer(&mut ladder, 20, now + Duration::from_secs(1));
        assert_eq!(ladder.rung().width, 320, "too soon");
        (1..20).for_each(|step| answer(&mut ladder, 20, now + CAUTION * step));
        assert_eq!(ladder.rung(), Rung { width: 1280, quality: 80 });
    }

    #[test]
    fn a_viewer_on_the_edge_is_not_thrown_to_and_fro() {
        let start = Instant::now();
        let mut ladder = Ladder::new(start);
        ladder.shown_at(1280);
        // It takes 1280 pixels at the lower quality, and no more.
        let steps = (0..600).filter(|second| {
            let before = ladder.rung();
            let after = if before.quality > 65 { 600 } else { 50 };
            answer(&mut ladder, after, start + Duration::from_secs(*second));
            ladder.rung() > before
        });
        assert!(steps.count() < 12);
    }
}

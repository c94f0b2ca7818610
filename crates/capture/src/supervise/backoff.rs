use std::time::Duration;

/// Pauses between attempts: each is drawn from nothing to a ceiling that doubles from attempt to attempt, so that many
/// streams that lost one camera or one network do not come back all at once ("full jitter").
#[derive(Debug)]
pub(super) struct Backoff {
    first: Duration,
    longest: Duration,
    attempts: u32,
}

impl Backoff {
    pub(super) fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, attempts: 0 }
    }

    /// The pause before the next attempt.
    pub(super) fn next(&mut self) -> Duration {
        let ceiling = self.ceiling();
        self.attempts = self.attempts.saturating_add(1);
        ceiling.mul_f64(fastrand::f64())
    }

    /// The source has proved itself: the next failure is a first one again.
    pub(super) fn reset(&mut self) {
        self.attempts = 0;
    }

    fn ceiling(&self) -> Duration {
        let factor = 2_u32.checked_pow(self.attempts).unwrap_or(u32::MAX);
        self.first.saturating_mul(factor).min(self.longest)
    }
}

/// A pause of about this length: streams of one camera that refuses them do not ask in step.
pub(super) fn about(pause: Duration) -> Duration {
    pause.mul_f64(fastrand::f64().mul_add(0.2, 0.9))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_millis(500);
    const LONGEST: Duration = Duration::from_secs(30);

    #[test]
    fn the_ceiling_doubles_up_to_the_longest() {
        let mut backoff = Backoff::new(FIRST, LONGEST);
        let mut ceilings = Vec::new();
        for _ in 0..9 {
            ceilings.push(backoff.ceiling().as_secs_f64());
            assert!(backoff.next() <= LONGEST);
        }
        assert_eq!(ceilings, [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]);
        backoff.reset();
        assert_eq!(backoff.ceiling(), FIRST);
    }

    #[test]
    fn pauses_fill_the_whole_range_and_never_leave_it() {
        let pauses: Vec<f64> = (0..2_000)
            .map(|_| {
                let mut backoff = Backoff::new(FIRST, LONGEST);
                backoff.attempts = 3;
                backoff.next().as_secs_f64()
            })
            .collect();
        assert!(pauses.iter().all(|pause| (0.0..=4.0).contains(pause)));
        for quarter in 0..4 {
            let from = f64::from(quarter);
            let share = pauses.iter().filter(|&&pause| pause >= from && pause < from + 1.0).count();
            assert!((350..650).contains(&share), "{share} of 2000 pauses between {from} and {} s", from + 1.0);
        }
    }

    #[test]
    fn a_life_of_failures_does_not_overflow() {
        let mut backoff = Backoff::new(FIRST, LONGEST);
        backoff.attempts = u32::MAX;
        assert!(backoff.next() <= LONGEST);
        assert_eq!(backoff.ceiling(), LONGEST);
    }

    #[test]
    fn about_is_near() {
        for _ in 0..1_000 {
            let pause = about(Duration::from_secs(100)).as_secs_f64();
            assert!((90.0..=110.0).contains(&pause), "{pause}");
        }
    }
}

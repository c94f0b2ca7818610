use std::time::Duration;

/// Pauses between attempts: each is drawn from nothing to a ceiling that doubles from attempt to attempt, so that many
/// streams that lost one camera or one network do not come back all at once ("full jitter").
#[derive(Debug)]
pub(super) struct Backoff {
    first: Duration,
    longest: Duration,
    attempts: u32,
    /// The pause that was given out last.
    last: Duration,
}

impl Backoff {
    pub(super) fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, attempts: 0, last: Duration::ZERO }
    }

    /// The pause before the next attempt.
    pub(super) fn next(&mut self) -> Duration {
        let ceiling = self.ceiling();
        self.attempts = self.attempts.saturating_add(1);
        self.last = ceiling.mul_f64(fastrand::f64());
        self.last
    }

    /// The source has worked for so long. The next failure is a first one again where that is `enough` and no less than the pause
    /// before it: attempts are rare by themselves then, and a camera that fails now and then is not kept waiting for it.
    pub(super) fn worked(&mut self, time: Duration, enough: Duration) {
        if time >= enough.max(self.last) {
            self.reset();
        }
    }

    /// The next failure is a first one again.
    pub(super) fn reset(&mut self) {
        (self.attempts, self.last) = (0, Duration::ZERO);
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

    /// The ceilings of a source that works for so many seconds between any two failures.
    fn ceilings(works: u64) -> [f64; 8] {
        let mut backoff = Backoff::new(FIRST, LONGEST);
        [(); 8].map(|()| {
            backoff.worked(Duration::from_secs(works), Duration::from_secs(10));
            let ceiling = backoff.ceiling();
            backoff.next();
            ceiling.as_secs_f64()
        })
    }

    #[test]
    fn only_a_source_that_works_for_too_short_a_time_waits_ever_longer() {
        assert_eq!(ceilings(20), [0.5; 8]);
        assert_eq!(ceilings(9), [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]);
    }

    #[test]
    fn a_source_has_to_work_for_as_long_as_it_was_waited_for() {
        let mut backoff = Backoff { attempts: 7, last: Duration::from_secs(25), ..Backoff::new(FIRST, LONGEST) };
        backoff.worked(Duration::from_secs(24), Duration::from_secs(10));
        assert_eq!(backoff.ceiling(), LONGEST);
        backoff.worked(Duration::from_secs(25), Duration::from_secs(10));
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

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Lets so many through in a second, and a second's worth at once.
pub(crate) struct Bucket {
    per_second: f64,
    level: Mutex<(f64, Instant)>,
}

impl Bucket {
    pub(crate) fn new(per_second: f64) -> Self {
        Self { per_second, level: Mutex::new((per_second.max(1.0), Instant::now())) }
    }

    /// Takes one, or says how long to wait for it.
    pub(crate) fn take(&self) -> Result<(), Duration> {
        self.take_at(Instant::now())
    }

    fn take_at(&self, now: Instant) -> Result<(), Duration> {
        let mut guard = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let (level, then) = *guard;
        let filled = now.saturating_duration_since(then).as_secs_f64().mul_add(self.per_second, level);
        let filled = filled.min(self.per_second.max(1.0));
        if filled < 1.0 {
            *guard = (filled, now);
            return Err(Duration::from_secs_f64((1.0 - filled) / self.per_second));
        }
        *guard = (filled - 1.0, now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_its_share_and_no_more() {
        let bucket = Bucket::new(5.0);
        let start = Instant::now();
        let taken = |now: Instant| (0..100).filter(|_| bucket.take_at(now).is_ok()).count();
        assert_eq!(taken(start), 5);
        let wait = bucket.take_at(start).unwrap_err();
        assert!(wait <= Duration::from_millis(200) && wait > Duration::from_millis(150), "{wait:?}");
        assert_eq!(taken(start + Duration::from_secs(1)), 5);
        assert_eq!(taken(start + Duration::from_millis(1400)), 2);
        assert_eq!(taken(start + Duration::from_secs(100)), 5);
    }

    #[test]
    fn less_than_one_a_second_is_possible() {
        let bucket = Bucket::new(0.1);
        let start = Instant::now();
        assert!(bucket.take_at(start).is_ok() && bucket.take_at(start + Duration::from_secs(5)).is_err());
        assert!(bucket.take_at(start + Duration::from_secs(11)).is_ok());
    }
}

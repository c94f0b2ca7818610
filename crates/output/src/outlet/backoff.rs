use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use super::Retry;

/// The next pause.
pub(super) struct Backoff {
    retry: Retry,
    next: Duration,
}

impl Backoff {
    pub(super) fn new(retry: Retry) -> Self {
        Self { retry, next: retry.first }
    }

    /// How long to wait after a failure of a sink that had worked for `worked`.
    pub(super) fn pause(&mut self, worked: Duration) -> Duration {
        if worked >= self.retry.longest {
            self.next = self.retry.first;
        }
        let whole = self.next.min(self.retry.longest);
        self.next = whole.saturating_mul(2);
        whole.mul_f64(1.0 - 0.5 * chance())
    }
}

/// A number from 0 to 1 that differs between the sinks of a broker which comes back: they must not all return at once.
fn chance() -> f64 {
    // A fresh hasher of the standard library is keyed at random.
    let bits = RandomState::new().hash_one(()) >> 32;
    bits as f64 / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit_and_start_over_after_good_times() {
        let retry = Retry { first: Duration::from_millis(500), longest: Duration::from_secs(30) };
        let mut backoff = Backoff::new(retry);
        for whole in [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0] {
            let pause = backoff.pause(Duration::from_secs(29)).as_secs_f64();
            assert!((whole / 2.0..=whole).contains(&pause), "{pause} of {whole}");
        }
        assert!(backoff.pause(Duration::from_secs(30)) <= retry.first);
    }
}

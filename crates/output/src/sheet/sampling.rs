/// Keeps items spread evenly over a sequence whose length is not known: every item at first, then every second, every fourth...
#[derive(Debug)]
pub(super) struct EvenSample<T> {
    limit: usize,
    stride: u64,
    seen: u64,
    kept: Vec<T>,
}

impl<T> EvenSample<T> {
    /// Never holds more than `limit` items, at least one.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit: limit.max(1), stride: 1, seen: 0, kept: Vec::new() }
    }

    /// Looks at the next item, which is made only if it is kept.
    pub(super) fn offer(&mut self, make: impl FnOnce() -> T) {
        let due = self.seen.is_multiple_of(self.stride);
        self.seen += 1;
        if !due {
            return;
        }
        if self.kept.len() == self.limit {
            self.thin_out();
            if !(self.seen - 1).is_multiple_of(self.stride) {
                return;
            }
        }
        self.kept.push(make());
    }

    /// The items that were kept, in order.
    pub(super) fn into_kept(self) -> Vec<T> {
        self.kept
    }

    fn thin_out(&mut self) {
        let mut even = false;
        self.kept.retain(|_| {
            even = !even;
            even
        });
        self.stride *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::EvenSample;

    fn sample(length: u64, limit: usize) -> Vec<u64> {
        let mut sample = EvenSample::new(limit);
        (0..length).for_each(|item| sample.offer(|| item));
        sample.into_kept()
    }

    #[test]
    fn short_sequences_are_kept_whole() {
        assert_eq!(sample(0, 4), [0_u64; 0]);
        assert_eq!(sample(4, 4), [0, 1, 2, 3]);
    }

    #[test]
    fn long_sequences_are_sampled_evenly() {
        assert_eq!(sample(5, 4), [0, 2, 4]);
        assert_eq!(sample(100, 4), [0, 32, 64, 96]);
        assert_eq!(sample(9, 1), [0]);
    }

    #[test]
    fn the_gaps_are_equal_and_the_limit_holds_for_every_length() {
        for length in 1..300 {
            let kept = sample(length, 12);
            assert!((1..=12).contains(&kept.len()));
            let gaps: Vec<_> = kept.windows(2).map(|pair| pair[1] - pair[0]).collect();
            assert!(gaps.windows(2).all(|pair| pair[0] == pair[1]));
            assert!(length <= 12 || kept.len() >= 6, "{length} items left {}", kept.len());
        }
    }
}

//! The median of any number of durations in a fixed amount of memory.

/// Durations in milliseconds, in classes that are two percent wide.
#[derive(Clone, Debug)]
pub struct Histogram {
    classes: Vec<u64>,
    count: u64,
}

const SMALLEST_MS: f64 = 0.001;
const STEP: f64 = 1.02;
/// Reaches beyond an hour.
const CLASSES: usize = 1200;

impl Default for Histogram {
    fn default() -> Self {
        Self { classes: vec![0; CLASSES], count: 0 }
    }
}

impl Histogram {
    /// Adds a duration.
    pub fn add(&mut self, ms: f64) {
        // Saturates at both ends, and takes NaN for 0.
        let class = ((ms / SMALLEST_MS).ln() / STEP.ln()) as usize;
        if let Some(count) = self.classes.get_mut(class.min(CLASSES - 1)) {
            *count += 1;
            self.count += 1;
        }
    }

    /// The median to about one percent; `None` before the first duration.
    pub fn median_ms(&self) -> Option<f64> {
        let half = self.count.div_ceil(2);
        let mut seen = 0;
        let class = self.classes.iter().position(|count| {
            seen += count;
            seen >= half && half > 0
        })?;
        Some(SMALLEST_MS * STEP.powf(class as f64 + 0.5))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn median(durations: &[f64]) -> Option<f64> {
        let mut histogram = Histogram::default();
        durations.iter().for_each(|ms| histogram.add(*ms));
        histogram.median_ms()
    }

    #[test]
    fn the_median_is_within_a_percent_of_the_true_one() {
        for (durations, expected) in
            [(vec![5.0], 5.0), (vec![1.0, 40.0, 90_000.0], 40.0), ((1..=999).map(f64::from).collect(), 500.0)]
        {
            let found = median(&durations).unwrap();
            assert!((found / expected - 1.0).abs() < 0.011, "{found} for {expected}");
        }
    }

    #[test]
    fn nothing_and_nonsense_do_no_harm() {
        assert_eq!(median(&[]), None);
        for ms in [f64::NAN, 0.0, -1.0, f64::INFINITY, 1e300] {
            assert!(median(&[ms]).unwrap().is_finite());
        }
    }
}

//! Whether something grows for good.

use std::fmt;

use crate::bench::{fit, median};

/// Share of a run that is left out at its beginning, when codecs are loaded and heaps find their size.
const WARM_UP: f64 = 0.3;
/// Least number of minutes that a trend is seen in.
const LEAST: usize = 3;
/// A growth counts when it is this many times its standard error.
const CERTAIN: f64 = 3.0;

/// Values of one quantity over the run: of each minute the median of those moments that can be compared.
#[derive(Debug, Default)]
pub struct Series {
    minutes: Vec<(f64, f64)>,
    now: Vec<f64>,
}

impl Series {
    /// A value at a moment that can be compared with others.
    pub fn add(&mut self, value: f64) {
        self.now.push(value);
    }

    /// The minute is over; gives its median.
    pub fn end_minute(&mut self, minute: u32) -> Option<f64> {
        let values = std::mem::take(&mut self.now);
        let value = (!values.is_empty()).then(|| median(values.into_iter()));
        self.minutes.extend(value.map(|value| (f64::from(minute), value)));
        value
    }

    /// What has become of it over a run of so many minutes; `None` where there is too little to tell. Growth of up to
    /// `tolerance` over what is left of the run is none.
    pub fn trend(&self, minutes: u32, tolerance: f64) -> Option<Trend> {
        let warm = self.minutes.iter().copied().filter(|(minute, _)| *minute > WARM_UP * f64::from(minutes));
        let warm: Vec<_> = warm.collect();
        let line = fit(&warm).filter(|_| warm.len() >= LEAST)?;
        let span = warm.last()?.0 - warm.first()?.0;
        Some(Trend { growth: line.slope * span, noise: CERTAIN * line.uncertainty * span, span, tolerance })
    }
}

/// Growth over a time.
#[derive(Clone, Copy, Debug)]
pub struct Trend {
    growth: f64,
    noise: f64,
    /// Minutes.
    span: f64,
    tolerance: f64,
}

impl Trend {
    /// Whether it grows by more than its noise and more than is tolerated.
    pub fn grows(&self) -> bool {
        self.growth > self.noise.max(self.tolerance)
    }
}

impl fmt::Display for Trend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { growth, noise, span, tolerance } = self;
        let verdict = if self.grows() { "it grows" } else { "flat" };
        write!(
            f,
            "{growth:+.1} over {span:.0} minutes, give or take {noise:.1} (up to {tolerance:.1} is settling): {verdict}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Deterministic noise between -1 and 1.
    fn noise(minute: u32) -> f64 {
        f64::from(minute * 7919 % 21) / 10.0 - 1.0
    }

    fn trend(minutes: u32, value: impl Fn(f64) -> f64) -> Option<Trend> {
        let mut series = Series::default();
        for minute in 1..=minutes {
            series.add(value(f64::from(minute)) + 3.0 * noise(minute));
            series.end_minute(minute);
        }
        series.trend(minutes, 8.0)
    }

    #[test]
    fn noise_is_no_trend() {
        assert!(!trend(10, |_| 100.0).unwrap().grows());
        assert!(!trend(500, |_| 100.0).unwrap().grows());
    }

    #[test]
    fn a_leak_is_found_in_ten_minutes_or_when_it_is_slow_in_a_day() {
        assert!(trend(10, |minute| 100.0 + 4.0 * minute).unwrap().grows());
        assert!(trend(1440, |minute| 100.0 + 0.01 * minute).unwrap().grows());
    }

    #[test]
    fn settling_at_the_beginning_is_no_leak() {
        assert!(!trend(20, |minute| 200.0 - 150.0 * (-minute).exp()).unwrap().grows());
    }

    #[test]
    fn too_short_a_run_tells_nothing() {
        assert!(trend(2, |_| 1.0).is_none());
    }
}

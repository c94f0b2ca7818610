use std::time::Duration;

use maskd_types::FrameRate;

/// Time from one frame to the next; `None` for a rate of nothing.
pub(crate) fn period(rate: FrameRate) -> Option<Duration> {
    (rate.numerator > 0).then(|| Duration::from_secs(u64::from(rate.denominator)) / rate.numerator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_become_periods() {
        assert_eq!(period(FrameRate { numerator: 25, denominator: 1 }), Some(Duration::from_millis(40)));
        assert_eq!(
            period(FrameRate { numerator: 1, denominator: u32::MAX }),
            Some(Duration::from_secs(u32::MAX.into()))
        );
        assert_eq!(period(FrameRate { numerator: 0, denominator: 1 }), None);
    }
}

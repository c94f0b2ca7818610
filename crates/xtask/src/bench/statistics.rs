//! Medians and straight lines.

/// The middle of some numbers, the mean of the two middle ones for an even count; NaN for none.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match (sorted.len() % 2, sorted.get(middle), middle.checked_sub(1).and_then(|below| sorted.get(below))) {
        (1, Some(value), _) => *value,
        (0, Some(above), Some(below)) => (above + below) / 2.0,
        _ => f64::NAN,
    }
}

/// A straight line through points, by least squares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Growth of `y` per unit of `x`.
    pub slope: f64,
    /// Standard error of the slope.
    pub uncertainty: f64,
}

/// Fits a line to `(x, y)`; `None` for fewer than three points or where all `x` are equal.
pub fn fit(points: &[(f64, f64)]) -> Option<Line> {
    let count = points.len() as f64;
    let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / count;
    let spread = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum::<f64>();
    if points.len() < 3 || spread == 0.0 {
        return None;
    }
    let slope = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum::<f64>() / spread;
    let residual = points.iter().map(|(x, y)| (y - mean_y - slope * (x - mean_x)).powi(2)).sum::<f64>();
    Some(Line { slope, uncertainty: (residual / (count - 2.0) / spread).sqrt() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), 2.5);
        assert!(median(std::iter::empty()).is_nan());
    }

    #[test]
    fn an_exact_line_has_no_uncertainty() {
        let line = fit(&[(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]).unwrap();
        assert_eq!(line, Line { slope: 2.0, uncertainty: 0.0 });
    }

    #[test]
    fn noise_makes_the_slope_uncertain() {
        let line = fit(&[(0.0, 0.0), (1.0, 1.0), (2.0, 0.0), (3.0, 1.0)]).unwrap();
        assert!((line.slope - 0.2).abs() < 1e-12);
        assert!(line.uncertainty > 0.2);
    }

    #[test]
    fn two_points_are_no_trend() {
        assert_eq!(fit(&[(0.0, 0.0), (1.0, 1.0)]), None);
    }
}

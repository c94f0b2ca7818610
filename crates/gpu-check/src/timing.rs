//! Milliseconds in short.

use std::time::Instant;

use serde_json::{Value, json};

use crate::events::round;

/// Milliseconds since then.
pub fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

/// The middle, of as many as there are.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let below = values.get(values.len().checked_sub(1)? / 2)?;
    Some((below + values[values.len() / 2]) / 2.0)
}

/// Median, least and most.
pub fn summary(mut values: Vec<f64>) -> Value {
    values.sort_by(f64::total_cmp);
    match (values.first(), median(&values), values.last()) {
        (Some(least), Some(median), Some(most)) => {
            json!({ "median": round(median), "least": round(*least), "most": round(*most), "count": values.len() })
        }
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_has_the_middle_and_the_ends() {
        let expected = json!({ "median": 2.5, "least": 1.0, "most": 4.0, "count": 4 });
        assert_eq!(summary(vec![4.0, 1.0, 2.0, 3.0]), expected);
        assert_eq!(summary(Vec::new()), Value::Null);
    }
}

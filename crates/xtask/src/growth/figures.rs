//! What was measured, as it is kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::bench::median;

/// The answer to one question, with what is needed to judge it.
#[derive(Debug, Deserialize, Serialize)]
pub struct Figures {
    /// What `x` is.
    pub question: String,
    /// System, cores, processor.
    pub machine: String,
    /// Programs that wanted a core in the minute before, where the system says.
    pub load: Option<f64>,
    /// UTC.
    pub date: String,
    /// How to measure it again.
    pub command: String,
    /// In the order of `x`.
    pub points: Vec<Point>,
}

/// Everything at one place of the horizontal axis.
#[derive(Debug, Deserialize, Serialize)]
pub struct Point {
    /// Objects, pixels or frames.
    pub x: f64,
    /// By name: milliseconds by stage, or MiB of memory.
    pub values: BTreeMap<String, Spread>,
}

/// The middle half of what was measured.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Spread {
    /// A quarter was less.
    pub low: f64,
    pub median: f64,
    /// A quarter was more.
    pub high: f64,
    /// How many measurements there were.
    pub count: usize,
}

impl Spread {
    /// `None` of nothing.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let quarter = sorted.len() / 4;
        let [low, high] = [sorted.get(quarter)?, sorted.get(sorted.len() - 1 - quarter)?].map(|value| rounded(*value));
        Some(Self { low, median: rounded(median(sorted.iter().copied())), high, count: sorted.len() })
    }
}

/// Microseconds are more than any of this is good for.
fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

impl Figures {
    /// A line for every point; the last column is in relation to the first point.
    pub fn print(&self) {
        println!("{}: {}, {}", self.question, self.machine, self.date);
        for point in &self.points {
            let values = point.values.iter().map(|(name, spread)| format!("{name} {:.1}", spread.median));
            let ratio = self.ratio(point).map_or_else(String::new, |ratio| format!(", {ratio:.2} times the first"));
            println!("{:>8}: {}{ratio}", point.x, values.collect::<Vec<_>>().join(", "));
        }
    }

    fn ratio(&self, point: &Point) -> Option<f64> {
        let total = |point: &Point| Some(point.values.get("total")?.median);
        Some(total(point)? / total(self.points.first()?)?)
    }

    /// The medians of one value: `(x, value)`.
    pub fn medians(&self, name: &str) -> Vec<(f64, f64)> {
        let median = |point: &Point| Some((point.x, point.values.get(name)?.median));
        self.points.iter().filter_map(median).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_the_middle_half() {
        let spread = Spread::of(&[8.0, 1.0, 2.0, 3.0, 100.0, 4.0, 5.0, 6.0]).unwrap();
        assert_eq!(spread, Spread { low: 3.0, median: 4.5, high: 6.0, count: 8 });
        assert_eq!(Spread::of(&[2.0]).unwrap(), Spread { low: 2.0, median: 2.0, high: 2.0, count: 1 });
        assert_eq!(Spread::of(&[]), None);
    }
}

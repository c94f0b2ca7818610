//! One line per minute, as a row of a Markdown table.

use std::fmt;

use super::metrics::{Sample, quantile, sum};
use super::settings::NAMES;

/// What happened within a minute.
#[derive(Debug)]
pub struct Minute {
    /// Number of the minute, from one.
    pub number: u32,
    /// Memory in MiB, descriptors, threads while everything was as at first; `None` where it never was.
    pub holdings: [Option<f64>; 3],
    /// Growth of the daemon's counters.
    pub growth: Vec<Sample>,
    /// Lines that the good reader got.
    pub lines: u64,
    /// How many programs wanted the machine's cores; `None` where the system does not say.
    pub load: Option<f64>,
}

/// Head of the table.
pub fn head() -> String {
    let streams = NAMES.join(" | ");
    let line = format!(
        "| minute | MiB | descriptors | threads | {streams} | superseded | damaged | sink drops | reconnects | lines read \
         | p99 age ms | load |"
    );
    let rule = "|---:".repeat(line.matches('|').count() - 1);
    format!("{line}\n{rule}|")
}

impl Minute {
    /// The worst stream's 99th percentile of age of frame in milliseconds.
    fn age(&self) -> Option<f64> {
        let of = |stream: &&str| quantile(&self.growth, "maskd_frame_age_seconds_bucket", stream, 0.99);
        NAMES.iter().filter_map(of).max_by(f64::total_cmp).map(|seconds| seconds * 1e3)
    }
}

impl fmt::Display for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, holdings, growth, lines, load } = self;
        write!(f, "| {number} |")?;
        for value in holdings {
            write!(f, " {} |", rounded(*value))?;
        }
        for stream in NAMES {
            write!(f, " {} |", sum(growth, "maskd_frames_tracked_total", Some(("stream", stream))))?;
        }
        for reason in ["superseded", "damaged"] {
            write!(f, " {} |", sum(growth, "maskd_frames_dropped_total", Some(("reason", reason))))?;
        }
        let (sinks, reconnects) = ("maskd_sink_dropped_total", "maskd_reconnects_total");
        let (age, load) = (rounded(self.age()), rounded(*load));
        write!(f, " {} | {} | {lines} | {age} | {load} |", sum(growth, sinks, None), sum(growth, reconnects, None))
    }
}

fn rounded(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.0}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_a_column_for_every_head() {
        let minute =
            Minute { number: 1, holdings: [Some(1.0), None, Some(3.0)], growth: Vec::new(), lines: 9, load: Some(2.4) };
        let row = minute.to_string();
        assert_eq!(row, "| 1 | 1 | - | 3 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 9 | - | 2 |");
        let head = head();
        assert!(head.lines().all(|line| line.matches('|').count() == row.matches('|').count()), "{head}");
    }
}

//! Results as a Markdown table.

use std::fmt;

use super::compare::Comparison;

/// Rows of results.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<String>,
}

impl Table {
    /// Adds a row.
    pub fn add(&mut self, checkpoint: &str, input: &str, result: &Comparison) {
        self.rows.push(format!(
            "| {checkpoint} | {input} | {} | {:.1e} | {:.1e} | {:.5} | {:.5} |",
            result.frames(),
            result.worst_error(),
            result.median_error(),
            result.mean_iou(),
            result.worst_iou(),
        ));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| checkpoint | input | frames | worst relative logit error | median | mean mask IoU | worst mask IoU |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|")?;
        self.rows.iter().try_for_each(|row| writeln!(f, "{row}"))
    }
}

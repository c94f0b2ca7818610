//! How far the run is: a bar for a terminal, a line now and then for a log, nothing with `--quiet`.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::console::Console;

/// Time between two plain lines.
const PAUSE: Duration = Duration::from_secs(5);

/// Shows how many frames have been tracked.
pub enum Progress {
    /// Redrawn in place.
    Bar(ProgressBar),
    /// A line every few seconds.
    Lines(Lines),
    /// Not shown.
    Hidden,
}

/// Plain lines.
pub struct Lines {
    console: Console,
    total: Option<u64>,
    started: Instant,
    last: Instant,
}

impl Progress {
    /// With `total` frames to come, where that is known or estimated.
    pub fn start(console: Console, total: Option<u64>) -> Self {
        if console.is_quiet() {
            return Self::Hidden;
        }
        if console.is_terminal() {
            return Self::Bar(bar(total));
        }
        let started = Instant::now();
        Self::Lines(Lines { console, total, started, last: started })
    }

    /// `frames` have been tracked.
    pub fn show(&mut self, frames: u64) {
        match self {
            // An estimate may have been too low.
            Self::Bar(bar) => {
                if bar.length().is_some_and(|length| length < frames) {
                    bar.set_length(frames);
                }
                bar.set_position(frames);
            }
            Self::Lines(lines) => lines.show(frames),
            Self::Hidden => {}
        }
    }

    /// Makes room for what is said at the end.
    pub fn finish(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

fn bar(total: Option<u64>) -> ProgressBar {
    let (bar, template) = match total {
        Some(total) => (ProgressBar::new(total), "{wide_bar} {pos}/{len} frames, {per_sec}, {eta} left"),
        None => (ProgressBar::new_spinner(), "{spinner} {pos} frames, {per_sec}, {elapsed}"),
    };
    // The templates are right, as a test proves; a bar without them would still work.
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style.with_key("per_sec", per_second))
}

fn per_second(state: &indicatif::ProgressState, to: &mut dyn std::fmt::Write) {
    let _ = write!(to, "{:.1} frames/s", state.per_sec());
}

impl Lines {
    fn show(&mut self, frames: u64) {
        if self.last.elapsed() >= PAUSE {
            self.last = Instant::now();
            self.console.note(line(frames, self.total, self.started.elapsed()));
        }
    }
}

fn line(frames: u64, total: Option<u64>, elapsed: Duration) -> String {
    let speed = frames as f64 / elapsed.as_secs_f64().max(1e-9);
    let Some(total) = total.filter(|total| *total >= frames) else {
        return format!("{frames} frames, {speed:.1} frames/s");
    };
    let left = (total - frames) as f64 / speed.max(1e-9);
    format!("{frames} of {total} frames, {speed:.1} frames/s, {left:.0} s left")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_tell_what_is_left_where_the_end_is_known() {
        let elapsed = Duration::from_secs(4);
        assert_eq!(line(100, Some(300), elapsed), "100 of 300 frames, 25.0 frames/s, 8 s left");
        assert_eq!(line(100, None, elapsed), "100 frames, 25.0 frames/s");
        assert_eq!(line(100, Some(90), elapsed), "100 frames, 25.0 frames/s");
    }

    #[test]
    fn a_bar_grows_past_a_low_estimate() {
        let bar = bar(Some(10));
        bar.set_draw_target(indicatif::ProgressDrawTarget::hidden());
        let mut progress = Progress::Bar(bar);
        progress.show(12);
        let Progress::Bar(bar) = progress else { panic!("not a bar") };
        assert_eq!((bar.position(), bar.length()), (12, Some(12)));
    }
}

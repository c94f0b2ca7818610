//! `maskd fetch`: downloads an official checkpoint.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use maskd_hub::{FetchOptions, HubError};

use crate::checkpoint::{BUILT_IN, CheckpointError};
use crate::cli::FetchArgs;
use crate::console::Console;
use crate::exit::{Advice, Code, Failure};
use crate::signals::Stop;

/// Time between two plain lines.
const PAUSE: Duration = Duration::from_secs(5);

/// Runs the command.
///
/// # Errors
/// Where there is no such model, or it could not be fetched whole.
pub fn run(arguments: &FetchArgs) -> Result<(), Failure> {
    let console = Console::new(arguments.quiet);
    if arguments.name == BUILT_IN {
        console.note(format!("{BUILT_IN} is part of the program; there is nothing to fetch"));
        return Ok(());
    }
    let model = maskd_hub::find(&arguments.name).ok_or_else(|| CheckpointError::NoSuchModel(arguments.name.clone()))?;
    let stop = Stop::on_signals()?;
    let mut meter = Meter::start(console);
    let mut progress = |done, whole| meter.show(done, whole);
    let fetched = maskd_hub::fetch(model, FetchOptions::from_env(&mut progress, stop.flag())?);
    meter.finish();
    console.note(format!("{} is at {}", model.name, fetched?.display()));
    Ok(())
}

/// Shows how much has come.
enum Meter {
    Bar(ProgressBar),
    Lines(Console, Instant),
    Hidden,
}

impl Meter {
    fn start(console: Console) -> Self {
        if console.is_quiet() {
            return Self::Hidden;
        }
        if !console.is_terminal() {
            return Self::Lines(console, Instant::now());
        }
        let template = "{wide_bar} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left";
        // The template is right; a bar without it would still work.
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        Self::Bar(ProgressBar::new(0).with_style(style))
    }

    fn show(&mut self, done: u64, whole: u64) {
        match self {
            Self::Bar(bar) => {
                // What an earlier try brought must not count as speed.
                if bar.length() != Some(whole) {
                    bar.set_length(whole);
                    bar.set_position(done);
                    bar.reset_eta();
                }
                bar.set_position(done);
            }
            Self::Lines(console, last) if last.elapsed() >= PAUSE => {
                *last = Instant::now();
                console.note(format!("{:.1} of {:.1} MB", done as f64 / 1e6, whole as f64 / 1e6));
            }
            Self::Lines(..) | Self::Hidden => {}
        }
    }

    fn finish(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

impl Advice for HubError {
    fn code(&self) -> Code {
        Code::RunTime
    }

    fn help(&self) -> String {
        match self {
            Self::NoHome => "set MASKD_MODELS to a folder that can be written",
            Self::Io { .. } => "make room or rights for that path, or set MASKD_MODELS to another folder",
            Self::Busy { .. } => "wait until the other download is over",
            Self::Status { .. } | Self::Length { .. } => {
                "unset MASKD_MODELS_URL, or let it name a folder that has the official files under their own names"
            }
            Self::Transport { .. } => "check the network; the next try goes on where this one stopped",
            Self::Hash { .. } => "try again; if it stays so, the server has another file than the official one",
            _ => "run the command again; it goes on where it stopped",
        }
        .into()
    }
}

//! `maskd eval`: how good masks are, on real video with annotations or on rendered scenes.

mod advice;
mod data_set;
mod follow;
mod report;
mod scenes;
mod video;

use std::fs;
use std::io::{Write, stdout};
use std::path::Path;

use maskd_eval::PromptKind;
use maskd_tracker::{Tracker, TrackerOptions};

use crate::cli::EvalArgs;
use crate::console::Console;
use crate::exit::{Code, Failure};
use crate::{checkpoint, threads};
use report::Report;

/// How an object may be pointed at.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Pointing {
    /// By its true mask
    Mask,
    /// By the box around its true mask
    Box,
    /// By one click in the middle of it
    Point,
}

impl From<Pointing> for PromptKind {
    fn from(pointing: Pointing) -> Self {
        match pointing {
            Pointing::Mask => Self::Mask,
            Pointing::Box => Self::Box,
            Pointing::Point => Self::Point,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// Whatever kept a frame from being judged.
pub fn run(arguments: &EvalArgs) -> Result<(), Failure> {
    let console = Console::new(arguments.quiet);
    threads::limit(arguments.model.threads)?;
    let rendered = arguments.data.starts_with("scene://");
    let videos = if rendered { scenes::evaluate(arguments, console)? } else { data_set::evaluate(arguments, console)? };
    let report = Report::new(&videos, rendered);
    let to_stdout = arguments.json.as_deref().is_some_and(|path| path == Path::new("-"));
    if let Some(path) = &arguments.json {
        write_json(&report, path)?;
    }
    if !to_stdout {
        // A reader that has gone needs no table.
        let _ = stdout().lock().write_all(report.table().as_bytes());
    }
    Ok(())
}

fn write_json(report: &Report, path: &Path) -> Result<(), Failure> {
    let wrong = |error: anyhow::Error| Failure::new(Code::RunTime, error, "give --json a file that can be written");
    let mut text = serde_json::to_string_pretty(report).map_err(|error| wrong(error.into()))?;
    text.push('\n');
    if path == Path::new("-") {
        let _ = stdout().lock().write_all(text.as_bytes());
        return Ok(());
    }
    let context = || format!("{} cannot be written", path.display());
    fs::write(path, text).map_err(|error| wrong(anyhow::Error::new(error).context(context())))
}

/// A tracker for one video of so many frames.
fn open_tracker(arguments: &EvalArgs, frames: usize, console: Console) -> Result<Box<dyn Tracker>, Failure> {
    let model = &arguments.model;
    let checkpoint = checkpoint::open(model.checkpoint.as_deref(), console)?;
    let options = TrackerOptions {
        image_size: model.image_size,
        precision: model.precision,
        no_overlap: arguments.no_overlap,
        known_frames: u64::try_from(frames).ok(),
        ..TrackerOptions::default()
    };
    Ok(maskd_tracker::open(checkpoint, &model.device, options)?)
}

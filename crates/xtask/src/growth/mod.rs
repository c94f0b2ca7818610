//! `cargo xtask growth`: how the cost of a frame grows with objects, with the size of the image and with the length of the video.

mod chart;
mod figures;
mod measure;
mod plots;
mod questions;

use std::fs;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, ensure};

use crate::{binary, workspace};
use figures::Figures;
use measure::Runner;
use questions::Question;

/// What to measure; always with the built-in model
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Questions to answer [default: all]
    #[arg(value_name = "QUESTION", value_enum)]
    questions: Vec<Question>,
    /// Where maskd computes: auto, cpu, cuda[:N] or vulkan[:N]
    #[arg(long, value_name = "D", default_value = "cpu")]
    device: String,
    /// Threads on the CPU
    #[arg(long, value_name = "N", default_value = "2")]
    threads: NonZeroUsize,
    /// Frames that count at the model's own size, after the memory bank is full; fewer at larger sizes
    #[arg(long, value_name = "N", default_value = "24")]
    frames: NonZeroU64,
    /// How often every point is measured, all of them in turn
    #[arg(long, value_name = "N", default_value = "2")]
    rounds: NonZeroUsize,
    /// Frames of the long video
    #[arg(long, value_name = "N", default_value = "4000")]
    length: NonZeroU64,
    /// Draw the plots anew from the figures of an earlier run, and measure nothing
    #[arg(long)]
    draw_only: bool,
}

/// Measures, writes `benches/results/growth-*.json`, and draws `crates/maskd/assets/growth-*.svg` from that.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let asked = if args.questions.is_empty() { &Question::ALL[..] } else { &args.questions };
    let root = workspace::root();
    let runner = (!args.draw_only).then(|| runner(args)).transpose()?;
    for question in asked {
        let data = root.join("benches/results").join(question.file("json"));
        if let Some(runner) = &runner {
            let figures = question.measure(runner, args)?;
            write(&data, &(serde_json::to_string_pretty(&figures)? + "\n"))?;
        }
        let text = fs::read_to_string(&data).with_context(|| format!("cannot read {}", data.display()))?;
        let figures: Figures =
            serde_json::from_str(&text).with_context(|| format!("{} has no figures", data.display()))?;
        figures.print();
        let plot = root.join("crates/maskd/assets").join(question.file("svg"));
        write(&plot, &question.draw(&figures).svg())?;
        println!("{} and {}\n", data.display(), plot.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn runner(args: &Args) -> anyhow::Result<Runner> {
    Ok(Runner { binary: binary::build()?, device: args.device.clone(), threads: args.threads })
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// Today, in UTC, as `2026-11-26`.
fn today() -> anyhow::Result<String> {
    let output = Command::new("date").args(["-u", "+%F"]).output().context("cannot start date")?;
    ensure!(output.status.success(), "date ended with {}", output.status);
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

//! `cargo xtask bench`: how fast, and how much memory over time.

mod soak;
mod speed;
mod statistics;

use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::process::ExitCode;

pub use statistics::{fit, median};

/// What to measure.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Checkpoint: a file, nano, or random:NAME
    #[arg(long, value_name = "PATH|NAME", default_value = "random:sam2.1-tiny")]
    checkpoint: String,
    /// Frames of the built-in scene; those from the eighth on, when the memory bank is full, count
    #[arg(long, value_name = "N", default_value = "12")]
    frames: NonZeroUsize,
    /// Threads on the CPU, for both sides
    #[arg(long, value_name = "N", default_value = "2")]
    threads: NonZeroUsize,
    /// Objects to track
    #[arg(long, value_name = "N", default_value = "1")]
    objects: NonZeroU32,
    /// How often both sides run, in turn
    #[arg(long, value_name = "N", default_value = "2")]
    rounds: NonZeroUsize,
    /// Where maskd computes: auto, cpu, cuda[:N] or vulkan[:N] (the reference computes on the CPU)
    #[arg(long, value_name = "D", default_value = "cpu")]
    device: String,
    /// With how many bits maskd multiplies: auto, f32, f16 or bf16 (the reference computes in f32)
    #[arg(long, value_name = "P", default_value = "auto")]
    precision: String,
    /// Side of the square that frames are scaled to [default: the model's own]
    #[arg(long, value_name = "N")]
    image_size: Option<usize>,
    /// Instead: follow objects of the built-in scene with nano for so many frames, at most `--objects` at a time, which are added and
    /// removed at random, and watch resident memory
    #[arg(long, value_name = "FRAMES")]
    soak: Option<NonZeroU64>,
}

/// Measures and prints.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match args.soak {
        Some(frames) => soak::run(frames.get(), args),
        None => speed::run(args),
    }
}

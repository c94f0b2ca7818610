//! `cargo xtask parity`: the official predictor and ours on the same frames with the same prompts.

mod all;
mod checkpoint;
mod compare;
mod diverge;
mod run;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

use crate::binary::Compute;
use crate::{binary, pictures, python};

pub use checkpoint::resolve;

/// What to compare.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Checkpoint: a file, nano, or random:NAME (random:sam2.1-tiny ...) for random weights of official size
    #[arg(long, value_name = "PATH|NAME", required_unless_present = "all")]
    checkpoint: Option<String>,
    /// Folder of pictures, or a video [default: the built-in scene]
    #[arg(long, value_name = "PATH", requires = "prompts")]
    input: Option<PathBuf>,
    /// Prompts file of `maskd track`
    #[arg(long, value_name = "FILE.json", requires = "input")]
    prompts: Option<PathBuf>,
    /// Largest error of a logit, relative to the largest logit of its object and frame
    #[arg(long, value_name = "T", default_value_t = 1e-3)]
    tolerance: f64,
    /// All eight official variants with random weights, and nano on the clips beside the repository
    #[arg(long, conflicts_with_all = ["checkpoint", "input"])]
    all: bool,
    #[command(flatten)]
    compute: Compute,
}

/// Frames of the built-in scene that are compared unless `--frames` says otherwise.
const SCENE_FRAMES: usize = 4;

/// Both programs, ready to run.
struct Sides {
    python: PathBuf,
    maskd: PathBuf,
}

/// Compares, prints, and fails past the tolerance.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let sides = Sides { python: python::interpreter()?, maskd: binary::build()? };
    let within = if args.all { all::run(&sides, args)? } else { one(&sides, args)? };
    Ok(if within { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn one(sides: &Sides, args: &Args) -> anyhow::Result<bool> {
    let name = args.checkpoint.as_deref().unwrap_or_default();
    let checkpoint = resolve(&sides.python, name)?;
    let frames = args.compute.frames.map(usize::from);
    let (input, prompts) = match (&args.input, &args.prompts) {
        (Some(input), Some(prompts)) => (pictures::folder_of(input, frames)?, prompts.clone()),
        _ => {
            let scene = pictures::render(frames.unwrap_or(SCENE_FRAMES), 2)?;
            (scene.folder, scene.prompts)
        }
    };
    let job = run::Job::new(name, &checkpoint, &input, &prompts, &args.compute)?;
    let comparison = job.compare(sides).with_context(|| format!("comparing {name} on {}", input.display()))?;
    comparison.print();
    let within = comparison.worst_error() <= args.tolerance;
    if !within {
        println!("past the tolerance of {:e}", args.tolerance);
        diverge::report(sides, &job, args.tolerance)?;
    }
    Ok(within)
}

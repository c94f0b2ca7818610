//! Ours and PyTorch's, in turn on the same frames.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::ensure;

use super::{Args, median};
use crate::binary::{self, Compute};
use crate::{parity, pictures, python, workspace};

/// Before this frame the memory bank is not full: the prompted frame and six others.
const FULL_BANK: usize = 7;
/// What the reference's stages are called in our latency.
const TRACK: [&str; 3] = ["memory_attention", "mask_decoder", "memory_encoder"];

/// Milliseconds of one frame by stage.
type Stages = BTreeMap<String, f64>;

/// Runs both sides in turn and prints medians.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let frames = args.frames.get();
    ensure!(frames > FULL_BANK, "the memory bank is full from the eighth frame on: --frames must be 8 or more");
    let (python, maskd) = (python::interpreter()?, binary::build()?);
    let checkpoint = parity::resolve(&python, &args.checkpoint)?;
    let scene = pictures::render(frames, args.objects.get())?;
    let scratch = workspace::scratch("bench")?;
    let compute = Compute {
        frames: Some(args.frames),
        device: args.device.clone(),
        image_size: args.image_size,
        precision: args.precision.clone(),
        threads: Some(args.threads),
    };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 1..=args.rounds.get() {
        println!("round {round}: PyTorch");
        let mut reference = python::reference(&python, "track");
        reference.arg("--checkpoint").arg(&checkpoint).arg("--input").arg(&scene.folder);
        reference.arg("--prompts").arg(&scene.prompts).args(compute.shared_options());
        theirs.extend(time_reference(&mut reference, &scratch, args.threads.get())?);
        println!("round {round}: maskd");
        ours.extend(time_maskd(
            &mut binary::track(&maskd, &checkpoint, &scene.folder, &scene.prompts, &compute),
            &scratch,
        )?);
    }
    println!(
        "{} at {} threads, {} objects, frames with a full memory bank",
        args.checkpoint, args.threads, args.objects
    );
    print(&ours, &theirs);
    Ok(ExitCode::SUCCESS)
}

fn time_reference(command: &mut Command, scratch: &Path, threads: usize) -> anyhow::Result<Vec<Stages>> {
    let timings = scratch.join("timings.json");
    command.arg("--out").arg(scratch.join("reference.safetensors")).arg("--timings").arg(&timings);
    binary::run(command.env("OMP_NUM_THREADS", threads.to_string()))?;
    let mut frames: Vec<Stages> = serde_json::from_str(&std::fs::read_to_string(&timings)?)?;
    for stages in &mut frames {
        let track = TRACK.iter().filter_map(|stage| stages.get(*stage)).sum();
        stages.insert("track".to_owned(), track);
    }
    Ok(frames.split_off(FULL_BANK))
}

fn time_maskd(command: &mut Command, scratch: &Path) -> anyhow::Result<Vec<Stages>> {
    let path = scratch.join("maskd.ndjson");
    binary::run(command.arg("--ndjson").arg(&path))?;
    let mut lines = binary::read_lines(&path)?;
    ensure!(lines.len() > FULL_BANK, "maskd wrote {} frames only", lines.len());
    Ok(lines.split_off(FULL_BANK).into_iter().map(|line| line.latency_ms).collect())
}

fn print(ours: &[Stages], theirs: &[Stages]) {
    println!("{:18} {:>10} {:>12} {:>8}", "median, ms", "maskd", "PyTorch", "ratio");
    for stage in ["encode", "memory_attention", "mask_decoder", "memory_encoder", "track", "total"] {
        let middle = |frames: &[Stages]| median(frames.iter().filter_map(|stages| stages.get(stage).copied()));
        let (maskd, pytorch) = (middle(ours), middle(theirs));
        println!("{stage:18} {:>10} {:>12} {:>8}", shown(maskd, 1), shown(pytorch, 1), shown(maskd / pytorch, 3));
    }
}

fn shown(value: f64, digits: usize) -> String {
    if value.is_nan() { "-".to_owned() } else { format!("{value:.digits$}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_measured_is_a_dash() {
        assert_eq!(shown(f64::NAN, 1), "-");
        assert_eq!(shown(12.345, 1), "12.3");
    }
}

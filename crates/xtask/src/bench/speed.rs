//! Ours and PyTorch's, in turn on the same frames.
//!
//! What a stage takes is measured where frames go through one after the other, as they do in PyTorch; what a frame takes from end to end, and
//! memory, as users have it, where a frame is encoded while objects are tracked on the one before.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, ensure};

use super::{Args, median};
use crate::binary::{self, Compute};
use crate::soak::Holdings;
use crate::{parity, pictures, python, workspace};

/// Before this frame the memory bank is not full: the prompted frame and six others.
const FULL_BANK: usize = 7;
/// Between two looks at the memory of a program that runs.
const LOOK: Duration = Duration::from_millis(50);
/// What the reference's stages are called in our latency.
const TRACK: [&str; 3] = ["memory_attention", "mask_decoder", "memory_encoder"];

/// From the picture's file to what is written.
const END_TO_END: &str = "end_to_end";

/// Milliseconds of one frame by stage.
type Stages = BTreeMap<String, f64>;

/// What one side took.
#[derive(Default)]
struct Side {
    frames: Vec<Stages>,
    /// The most memory that was resident, in MiB.
    peak: f64,
}

impl Side {
    fn add(&mut self, frames: Vec<Stages>, peak: f64) {
        self.frames.extend(frames);
        self.peak = self.peak.max(peak);
    }
}

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
    let (mut ours, mut theirs) = (Side::default(), Side::default());
    for round in 1..=args.rounds.get() {
        println!("round {round}: PyTorch");
        let mut reference = python::reference(&python, "track");
        reference.arg("--checkpoint").arg(&checkpoint).arg("--input").arg(&scene.folder);
        reference.arg("--prompts").arg(&scene.prompts).args(compute.shared_options());
        let (frames, peak) = time_reference(&mut reference, &scratch, args.threads.get())?;
        theirs.add(frames, peak);
        let track = || binary::track(&maskd, &checkpoint, &scene.folder, &scene.prompts, &compute);
        println!("round {round}: maskd, one frame after the other");
        let (mut frames, peak) = time_maskd(track().arg("--no-prefetch"))?;
        frames.iter_mut().for_each(|stages| stages.retain(|stage, _| stage != END_TO_END));
        ours.add(frames, peak);
        println!("round {round}: maskd");
        let (mut frames, peak) = time_maskd(&mut track())?;
        frames.iter_mut().for_each(|stages| stages.retain(|stage, _| stage == END_TO_END));
        ours.add(frames, peak);
    }
    println!(
        "{} at {} threads, {} objects, frames with a full memory bank",
        args.checkpoint, args.threads, args.objects
    );
    print(&ours, &theirs);
    Ok(ExitCode::SUCCESS)
}

fn time_reference(command: &mut Command, scratch: &Path, threads: usize) -> anyhow::Result<(Vec<Stages>, f64)> {
    let timings = scratch.join("timings.json");
    command.arg("--out").arg(scratch.join("reference.safetensors")).arg("--timings").arg(&timings);
    let mut child = command.env("OMP_NUM_THREADS", threads.to_string()).spawn().context("cannot start Python")?;
    let peak = watch(&mut child).context("the reference")?;
    let mut frames: Vec<Stages> = serde_json::from_str(&std::fs::read_to_string(&timings)?)?;
    for stages in &mut frames {
        let track = TRACK.iter().filter_map(|stage| stages.get(*stage)).sum();
        stages.insert("track".to_owned(), track);
    }
    Ok((frames.split_off(FULL_BANK), peak))
}

/// What a frame took from one line to the next is what it took from end to end: reading and decoding go on meanwhile.
fn time_maskd(command: &mut Command) -> anyhow::Result<(Vec<Stages>, f64)> {
    let mut child = command.args(["--ndjson", "-"]).stdout(Stdio::piped()).spawn().context("cannot start maskd")?;
    let output = BufReader::new(child.stdout.take().context("maskd has no output")?);
    let reader = std::thread::spawn(move || output.lines().map(|line| Ok((Instant::now(), line?))).collect());
    let peak = watch(&mut child).context("maskd")?;
    let lines: io::Result<Vec<(Instant, String)>> =
        reader.join().map_err(|_| anyhow!("the reader of lines panicked"))?;
    let mut frames = Vec::new();
    for pair in lines?.windows(2) {
        let [(before, _), (at, line)] = pair else { continue };
        let mut stages = serde_json::from_str::<binary::Line>(line).context("maskd wrote no JSON")?.latency_ms;
        stages.insert(END_TO_END.to_owned(), at.duration_since(*before).as_secs_f64() * 1e3);
        frames.push(stages);
    }
    ensure!(frames.len() >= FULL_BANK, "maskd wrote {} lines only", frames.len() + 1);
    // The first frame has none before it.
    Ok((frames.split_off(FULL_BANK - 1), peak))
}

/// Waits for a program's end and says how much memory it held at most, in MiB.
fn watch(child: &mut Child) -> anyhow::Result<f64> {
    let mut peak = 0.0;
    loop {
        if let Some(status) = child.try_wait()? {
            ensure!(status.success(), "it ended with {status}");
            return Ok(peak);
        }
        // It fails once the program has ended.
        if let Ok(held) = Holdings::of(child.id()) {
            peak = held.peak;
        }
        sleep(LOOK);
    }
}

fn print(ours: &Side, theirs: &Side) {
    println!("{:18} {:>10} {:>12} {:>8}", "median, ms", "maskd", "PyTorch", "ratio");
    for stage in ["encode", "memory_attention", "mask_decoder", "memory_encoder", "track", "total", END_TO_END] {
        let middle = |frames: &[Stages]| median(frames.iter().filter_map(|stages| stages.get(stage).copied()));
        let (maskd, pytorch) = (middle(&ours.frames), middle(&theirs.frames));
        println!("{stage:18} {:>10} {:>12} {:>8}", shown(maskd, 1), shown(pytorch, 1), shown(maskd / pytorch, 3));
    }
    let (maskd, pytorch) = (ours.peak, theirs.peak);
    println!(
        "{:18} {:>10} {:>12} {:>8}",
        "peak memory, MiB",
        shown(maskd, 0),
        shown(pytorch, 0),
        shown(maskd / pytorch, 3)
    );
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

//! Whether resident memory stays flat over a long run in which objects come and go.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use maskd_scene::SceneConfig;

use super::statistics::fit;
use super::{Args, comings};
use crate::soak::Holdings;
use crate::{binary, prompts, workspace};

/// Share of the run whose samples are left out: buffers and caches fill in the first frames, and the allocator's pages settle over
/// a thousand or so. What leaks goes on leaking in the second half.
const WARM_UP: f64 = 0.5;
/// Growth in bytes per 1000 frames that is taken for flat whatever the noise: one page of a heap that settles.
const FLAT: f64 = 256.0 * 1024.0;

/// Objects in the scene beyond those that are followed at a time.
const OTHERS: u32 = 2;
/// What decides when which object comes and goes.
const SEED: u64 = 1;

/// Tracks objects that come and go through `frames` frames of the built-in scene with nano, and prints how resident memory grows.
pub fn run(frames: u64, args: &Args) -> anyhow::Result<ExitCode> {
    let maskd = binary::build()?;
    let config = SceneConfig { objects: args.objects.get() + OTHERS, frames, ..SceneConfig::default() };
    let scene = config.to_string();
    let (said, count) = comings::prompts(config, args.objects.get(), SEED)?;
    println!("{count} objects, at most {} at a time", args.objects);
    let file = workspace::scratch("soak")?.join("comings.json");
    prompts::write(&file, &said)?;
    let mut command = Command::new(maskd);
    command.args(["track", &scene, "--quiet", "--ndjson", "-", "--prompts"]).arg(&file);
    command.args(["--device", &args.device, "--threads", &args.threads.to_string()]);
    let mut child = command.stdout(Stdio::piped()).spawn().context("cannot start maskd")?;
    let samples = watch(&mut child)?;
    let status = child.wait()?;
    ensure!(status.success(), "maskd ended with {status}");
    report(&samples, frames)
}

/// `(frames done, resident bytes)` every second until the program closes its output.
fn watch(child: &mut Child) -> anyhow::Result<Vec<(f64, f64)>> {
    let output = child.stdout.take().context("maskd has no output")?;
    let done = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&done);
    let reader = std::thread::spawn(move || {
        for _ in BufReader::new(output).lines().map_while(Result::ok) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    });
    let mut samples = Vec::new();
    while !reader.is_finished() {
        std::thread::sleep(Duration::from_secs(1));
        // It fails once the program has ended.
        if let Ok(held) = Holdings::of(child.id()) {
            samples.push((done.load(Ordering::Relaxed) as f64, held.memory * 1048576.0));
        }
    }
    Ok(samples)
}

fn report(samples: &[(f64, f64)], frames: u64) -> anyhow::Result<ExitCode> {
    let warm: Vec<_> = samples.iter().copied().filter(|(done, _)| *done > WARM_UP * frames as f64).collect();
    let line = fit(&warm).context("the run was too short to see a trend: ask for more frames")?;
    let (slope, noise) = (line.slope * 1e3, line.uncertainty * 1e3);
    let largest = samples.iter().map(|(_, bytes)| *bytes).fold(0.0, f64::max);
    println!("{frames} frames, {} samples after warm-up, at most {:.1} MiB resident", warm.len(), largest / 1048576.0);
    println!("growth {slope:+.0} bytes per 1000 frames, give or take {:.0}", 2.0 * noise);
    let flat = slope <= FLAT.max(2.0 * noise);
    println!("{}", if flat { "flat" } else { "it grows" });
    Ok(if flat { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

//! Whether resident memory stays flat over a long run.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use maskd_scene::{Scene, SceneConfig};

use super::Args;
use super::statistics::fit;
use crate::soak::Holdings;
use crate::{binary, prompts};

/// Share of the run whose samples are left out: buffers and caches fill in the first frames, and the allocator's pages settle over
/// a thousand or so. What leaks goes on leaking in the second half.
const WARM_UP: f64 = 0.5;
/// Growth in bytes per 1000 frames that is taken for flat whatever the noise: one page of a heap that settles.
const FLAT: f64 = 256.0 * 1024.0;

/// Tracks `frames` frames of the built-in scene with nano and prints how resident memory grows.
pub fn run(frames: u64, args: &Args) -> anyhow::Result<ExitCode> {
    let maskd = binary::build()?;
    let config = SceneConfig { objects: args.objects.get(), frames, ..SceneConfig::default() };
    let first = Scene::new(config)?.next_frame().context("the scene is empty")?;
    let mut command = Command::new(maskd);
    command.args(["track", &format!("scene://?frames={frames}&objects={}", args.objects), "--quiet", "--ndjson", "-"]);
    command.args(["--device", &args.device, "--threads", &args.threads.to_string()]);
    for (id, edges) in first.boxes() {
        command.arg("--prompt").arg(prompts::boxed(id, edges));
    }
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

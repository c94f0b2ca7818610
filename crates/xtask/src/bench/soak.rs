//! Whether resident memory stays flat over a long run in which objects come and go.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use maskd_scene::SceneConfig;

use super::{Args, fit, median};
use crate::soak::Holdings;
use crate::{binary, comings, prompts, workspace};

/// Stretches that a run is cut into. The allocator gives memory back once a minute or so, and neighbouring samples are alike: only the
/// medians of stretches say something of their own.
const STRETCHES: u64 = 20;
/// Stretches that are left out: buffers and caches fill in the first frames, and the allocator's pages settle over a thousand or so. What
/// leaks goes on leaking in the second half.
const WARM_UP: usize = 10;
/// Growth in MiB per 1000 frames that is taken for flat whatever the noise: one page of a heap that settles.
const FLAT: f64 = 0.25;

/// Objects in the scene beyond those that are followed at a time.
const OTHERS: u32 = 2;
/// What decides when which object comes and goes.
const SEED: u64 = 1;

/// Tracks objects that come and go through `frames` frames of the built-in scene with nano, and prints how resident memory grows.
pub fn run(frames: u64, args: &Args) -> anyhow::Result<ExitCode> {
    let maskd = binary::build()?;
    let config = SceneConfig { objects: args.objects.get() + OTHERS, frames, ..SceneConfig::default() };
    let scene = config.to_string();
    let (said, count) = comings::prompts(comings::of_scene(config)?, args.objects.get(), SEED);
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

/// `(frames done, resident MiB)` every second until the program closes its output.
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
            samples.push((done.load(Ordering::Relaxed) as f64, held.memory));
        }
    }
    Ok(samples)
}

fn report(samples: &[(f64, f64)], frames: u64) -> anyhow::Result<ExitCode> {
    let medians = medians(samples, frames);
    for (middle, held) in &medians {
        println!("frame {middle:6.0}: {held:6.1} MiB");
    }
    let line = fit(medians.get(WARM_UP..).unwrap_or_default());
    let line = line.context("the run was too short to see a trend: ask for more frames")?;
    let (slope, noise) = (line.slope * 1e3, 2.0 * line.uncertainty * 1e3);
    let largest = samples.iter().map(|(_, held)| *held).fold(0.0, f64::max);
    println!("{frames} frames, at most {largest:.1} MiB resident");
    println!("in the second half {slope:+.2} MiB per 1000 frames, give or take {noise:.2}");
    let flat = slope <= FLAT.max(noise);
    println!("{}", if flat { "flat" } else { "it grows" });
    Ok(if flat { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The middle of each stretch and what was held there, those without a sample left out.
fn medians(samples: &[(f64, f64)], frames: u64) -> Vec<(f64, f64)> {
    let length = frames as f64 / STRETCHES as f64;
    let stretch = |index: u64| {
        let from = index as f64 * length;
        let inside = samples.iter().filter(|(done, _)| (from..from + length).contains(done)).map(|(_, held)| *held);
        (from + length / 2.0, median(inside))
    };
    (0..STRETCHES).map(stretch).filter(|(_, held)| held.is_finite()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(held: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
        (0..1000).map(|second| f64::from(second) * 20.0).map(|frame| (frame, held(frame))).collect()
    }

    #[test]
    fn what_leaks_is_told_from_what_comes_and_goes() {
        // Sixty samples from one time that memory is given back to the next.
        let sawtooth = |frame: f64| 150.0 + frame / 20.0 % 60.0 / 6.0;
        let code = |samples: &[(f64, f64)]| format!("{:?}", report(samples, 20_000).unwrap());
        assert_eq!(code(&samples(sawtooth)), format!("{:?}", ExitCode::SUCCESS));
        assert_eq!(code(&samples(|frame| sawtooth(frame) + frame / 1000.0)), format!("{:?}", ExitCode::FAILURE));
        assert_eq!(code(&samples(|frame| 200.0 - frame / 1000.0)), format!("{:?}", ExitCode::SUCCESS));
        assert!(report(&samples(sawtooth)[..400], 20_000).is_err());
    }

    #[test]
    fn a_run_has_twenty_stretches() {
        let medians = medians(&samples(|frame| frame), 20_000);
        assert_eq!((medians.len(), medians[0], medians[19]), (20, (500.0, 490.0), (19_500.0, 19_490.0)));
    }
}

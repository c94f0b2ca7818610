//! Our side: the `maskd` binary, built from this tree, and what it writes.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use maskd_types::Rle;
use serde::Deserialize;

use crate::workspace;

/// One line of `--ndjson`, as far as tasks need it.
#[derive(Debug, Deserialize)]
pub struct Line {
    /// Number of the frame in its stream.
    pub frame: u64,
    /// Objects in the order of their ids.
    pub objects: Vec<Object>,
    /// Milliseconds by stage.
    pub latency_ms: BTreeMap<String, f64>,
}

/// One object of a [`Line`].
#[derive(Debug, Deserialize)]
pub struct Object {
    /// The user's number of the object.
    pub id: u32,
    /// Mask at the size of the source.
    pub mask: Rle,
}

/// Path of the release binary: `MASKD_BIN` when set, else built now (at once when nothing has changed).
pub fn build() -> anyhow::Result<PathBuf> {
    build_program("MASKD_BIN", "maskd", "maskd", "release")
}

/// Path of the camera simulator: `CAMSIM_BIN` when set, else built now.
pub fn build_camera() -> anyhow::Result<PathBuf> {
    build_program("CAMSIM_BIN", "maskd-camsim", "camsim", "release")
}

/// Path of the program that runs the network alone: `GPU_CHECK_BIN` when set, else built now, in the profile that makes it small.
pub fn build_gpu_check() -> anyhow::Result<PathBuf> {
    build_program("GPU_CHECK_BIN", "maskd-gpu-check", "maskd-gpu-check", "gpu-check")
}

fn build_program(variable: &str, package: &str, name: &str, profile: &str) -> anyhow::Result<PathBuf> {
    if let Some(path) = std::env::var_os(variable) {
        return Ok(path.into());
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(workspace::root());
    command.args(["build", "--profile", profile, "--quiet", "--package", package, "--bin", name]);
    run(&mut command)?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace::root().join("target"), PathBuf::from);
    Ok(target.join(profile).join(name))
}

/// How to compute, for both sides.
#[derive(Clone, Debug, clap::Args)]
pub struct Compute {
    /// Stop after this many frames
    #[arg(long, value_name = "N")]
    pub frames: Option<NonZeroUsize>,
    /// Where maskd computes: auto, cpu, cuda[:N] or vulkan[:N] (the reference computes on the CPU)
    #[arg(long, value_name = "D", default_value = "cpu")]
    pub device: String,
    /// With how many bits maskd multiplies: auto, f32, f16 or bf16 (the reference computes in f32)
    #[arg(long, value_name = "P", default_value = "auto")]
    pub precision: String,
    /// Side of the square that frames are scaled to [default: the model's own]
    #[arg(long, value_name = "N")]
    pub image_size: Option<usize>,
    /// Threads on the CPU, for both sides [default: all cores]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

impl Compute {
    /// The options that `maskd track` and the reference share.
    pub fn shared_options(&self) -> Vec<String> {
        let frames = self.frames.map(|n| ["--frames".to_owned(), n.to_string()]);
        let size = self.image_size.map(|n| ["--image-size".to_owned(), n.to_string()]);
        let threads = self.threads.map(|n| ["--threads".to_owned(), n.to_string()]);
        [frames, size, threads].into_iter().flatten().flatten().collect()
    }
}

/// `maskd track` on a folder of pictures; `outputs` are further options.
pub fn track(binary: &Path, checkpoint: &Path, input: &Path, prompts: &Path, compute: &Compute) -> Command {
    let mut command = Command::new(binary);
    command.arg("track").arg(input).arg("--checkpoint").arg(checkpoint).arg("--prompts").arg(prompts);
    command
        .args(["--device", &compute.device, "--precision", &compute.precision, "--quiet"])
        .args(compute.shared_options());
    command
}

/// The lines that `--ndjson` wrote.
pub fn read_lines(path: &Path) -> anyhow::Result<Vec<Line>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let parse =
        |(index, line)| serde_json::from_str(line).with_context(|| format!("{}, line {}", path.display(), index + 1));
    text.lines().enumerate().map(parse).collect()
}

/// Runs a command to its end.
///
/// # Errors
/// Where it cannot be started or does not exit with 0.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", command.get_program().display()))?;
    ensure!(status.success(), "{} ended with {status}", shown(command));
    Ok(())
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

//! `cargo xtask gpu-check`: parity and speed on a GPU, ours and PyTorch's, from one folder that needs neither Rust nor GStreamer nor a
//! network where it is run.

mod bundle;
mod wheels;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::Context;

use crate::binary;
use crate::{python, workspace};

/// Where and what to check.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only write the folder that is to be taken to the machine with the GPU; there, run `python3 run.py`
    #[arg(long, value_name = "DIR")]
    bundle: Option<PathBuf>,
    /// Where results go [default: target/gpu-check/out]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Seconds after which the table is printed, come what may
    #[arg(long, value_name = "S", default_value_t = 530)]
    limit: u32,
    /// A first look, with numbers within 100 seconds: operations, one small parity, one speed, stages
    #[arg(long)]
    quick: bool,
    /// Where maskd computes: cuda[:N], or cpu to try the check itself
    #[arg(long, value_name = "D", default_value = "cuda")]
    device: String,
    /// The built-in model in place of the official sizes, and few frames: to try the check itself
    #[arg(long)]
    small: bool,
}

/// Makes the bundle and runs it, unless only the bundle was asked for or there is no GPU here.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let folder = match &args.bundle {
        Some(folder) => folder.clone(),
        None => workspace::scratch("gpu-check")?.join("bundle"),
    };
    let bytes = bundle::write(&folder)?;
    println!("{}: {:.1} MiB", folder.display(), bytes as f64 / 1048576.0);
    let here = args.device == "cpu" || Path::new("/proc/driver/nvidia/version").exists();
    if args.bundle.is_some() || !here {
        println!(
            "take it to a machine with an NVIDIA GPU, the CUDA toolkit and PyTorch, and run there: python3 run.py --out results"
        );
        return Ok(ExitCode::SUCCESS);
    }
    let python = python::interpreter()?;
    let status =
        command(&python, &folder, args)?.status().with_context(|| format!("cannot start {}", python.display()))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn command(python: &Path, folder: &Path, args: &Args) -> anyhow::Result<Command> {
    let scratch = workspace::scratch("gpu-check")?;
    let mut command = Command::new(python);
    command.arg("-B").arg(folder.join("run.py")).arg("--work").arg(scratch.join("work"));
    command.arg("--out").arg(args.out.clone().unwrap_or_else(|| scratch.join("out")));
    command.args(["--limit", &args.limit.to_string(), "--device", &args.device]);
    command.args(args.quick.then_some("--quick")).args(args.small.then_some("--small"));
    Ok(command)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_table_says_what_was_measured() {
        let folder = workspace::root().join("crates/xtask/python/gpu");
        let output = Command::new("python3").arg("-B").arg("test_table.py").current_dir(folder).output();
        match output {
            Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
            Err(error) => println!("SKIPPED: there is no python3 here ({error})"),
        }
    }

    /// All of it on the processor with the built-in model, as far as that tells anything.
    #[test]
    fn a_bundle_runs_where_there_is_no_gpu() {
        let (Some(python), Some(_)) = (std::env::var_os("MASKD_PYTHON"), std::env::var_os("GPU_CHECK_BIN")) else {
            println!(
                "SKIPPED: MASKD_PYTHON and GPU_CHECK_BIN have to name a Python with PyTorch and the built program"
            );
            return;
        };
        let scratch = workspace::scratch("xtask-tests").unwrap();
        let (folder, out) = (scratch.join("gpu-check-bundle"), scratch.join("gpu-check-out"));
        let bytes = bundle::write(&folder).unwrap();
        println!("{bytes} bytes");
        let mut command = Command::new(python);
        command.arg("-B").arg(folder.join("run.py")).arg("--work").arg(scratch.join("gpu-check-work"));
        command.arg("--out").arg(&out).args(["--limit", "400", "--device", "cpu", "--small"]);
        command.args(["--only", "machine", "nano-parity", "micro"]);
        assert!(command.status().unwrap().success());
        let table = fs::read_to_string(out.join("table.md")).unwrap();
        let parity = table.lines().find(|line| line.starts_with("| nano, f32 |")).unwrap();
        let figures: Vec<f64> = parity.split('|').filter_map(|cell| cell.trim().parse().ok()).collect();
        let [frames, worst, _, _, iou] = figures[..] else { panic!("{table}") };
        assert!(frames == 10.0 && worst < 1e-3 && iou > 0.99, "{parity}");
        assert!(table.contains("| norm of 96, f32 | right | 0.0e0 |"), "{table}");
    }
}

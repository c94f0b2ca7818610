//! `cargo xtask gpu-check`: parity, speed and memory on a GPU, ours and PyTorch's, from one folder that needs neither Rust nor GStreamer nor
//! a network where it is run.

mod bundle;
mod program;
mod wheels;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::Context;

use crate::{python, workspace};

/// Where and what to check.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only write the folder that is to be taken to the machine with the GPU; there, run `python3 run.py`
    #[arg(long, value_name = "DIR")]
    bundle: Option<PathBuf>,
    /// Where figures go [default: target/gpu-bundle/out]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Seconds after which the table is printed, come what may
    #[arg(long, value_name = "S", default_value_t = 525)]
    limit: u32,
    /// Keep what an earlier check has done already, and do the rest
    #[arg(long)]
    again: bool,
    /// A first look: small parity, one speed, operations, stages
    #[arg(long)]
    quick: bool,
    /// Where maskd computes: cuda[:N], or cpu to try the check itself
    #[arg(long, value_name = "D", default_value = "cuda")]
    device: String,
    /// Small pictures and few frames: to try the check itself
    #[arg(long)]
    small: bool,
}

/// Makes the bundle and runs it, unless only the bundle was asked for or there is no GPU here.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let folder = match &args.bundle {
        Some(folder) => folder.clone(),
        None => scratch()?.join("bundle"),
    };
    let sizes = bundle::write(&folder)?;
    println!("{}: {sizes}", folder.display());
    let driver = Path::new("/proc/driver/nvidia/version").exists();
    if args.bundle.is_some() || (args.device != "cpu" && !driver) {
        if !driver {
            println!("no NVIDIA driver is loaded on this machine, so nothing was measured");
        }
        println!(
            "take the folder to a machine with an NVIDIA GPU, the CUDA toolkit and PyTorch, and run there: \
             python3 run.py --out results"
        );
        return Ok(ExitCode::SUCCESS);
    }
    let python = python::interpreter()?;
    let mut command = command(&python, &folder, args)?;
    let status = command.status().with_context(|| format!("cannot start {}", python.display()))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A folder under `target`, beside the one where cargo puts what it builds for the check.
fn scratch() -> anyhow::Result<PathBuf> {
    workspace::scratch("gpu-bundle")
}

fn command(python: &Path, folder: &Path, args: &Args) -> anyhow::Result<Command> {
    let scratch = scratch()?;
    let mut command = Command::new(python);
    command.arg("-B").arg(folder.join("run.py")).arg("--work").arg(scratch.join("work"));
    command.arg("--out").arg(args.out.clone().unwrap_or_else(|| scratch.join("out")));
    command.args(["--limit", &args.limit.to_string(), "--device", &args.device]);
    let switches = [(args.again, "--again"), (args.quick, "--quick"), (args.small, "--small")];
    command.args(switches.iter().filter_map(|(wanted, name)| wanted.then_some(*name)));
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

    /// The smallest network's parity and single operations, all the way from the bundle to the table.
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
        println!("{}", bundle::write(&folder).unwrap());
        let mut command = Command::new(python);
        command.arg("-B").arg(folder.join("run.py")).arg("--work").arg(scratch.join("gpu-check-work"));
        command.arg("--out").arg(&out).args(["--limit", "400", "--device", "cpu", "--small", "--quick"]);
        assert!(command.status().unwrap().success());
        let table = fs::read_to_string(out.join("table.md")).unwrap();
        let parity = table.lines().find(|line| line.starts_with("| nano | 2 | maskd f32 |")).unwrap();
        let cells: Vec<&str> = parity.split('|').map(str::trim).collect();
        let [error, iou] = [cells[8], cells[9]].map(|cell| cell.parse::<f64>().unwrap());
        assert!(error < 0.2 && iou > 0.995, "{table}");
        let details = fs::read_to_string(out.join("details.md")).unwrap();
        assert!(details.contains("| norm of 96, f32 | right | 0.0e0 |"), "{details}");
    }
}

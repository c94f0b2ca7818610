//! The other side: a Python interpreter with PyTorch and the official `sam2` package, and our scripts for it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::binary::run;
use crate::workspace;

/// What the reference is: the versions that fixtures and tables were made with.
const PACKAGES: [&str; 6] = ["torch==2.11.0", "torchvision", "pillow", "safetensors", "setuptools", "wheel"];
const SAM2: &str = "sam2==1.1.0";

/// An interpreter that can run the reference: the one `MASKD_PYTHON` names, else a virtual environment under `target`.
pub fn interpreter() -> anyhow::Result<PathBuf> {
    if let Some(python) = std::env::var_os("MASKD_PYTHON") {
        return Ok(python.into());
    }
    let folder = workspace::root().join("target/parity-venv");
    let python = folder.join("bin/python");
    let complete = folder.join("complete");
    if !complete.exists() {
        install(&folder, &python)?;
        std::fs::write(&complete, "")?;
    }
    Ok(python)
}

fn install(folder: &Path, python: &Path) -> anyhow::Result<()> {
    println!("making a Python environment with PyTorch and sam2 in {} (some gigabytes, once)", folder.display());
    run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
    run(Command::new(python).args(["-m", "pip", "install", "--quiet"]).args(PACKAGES))?;
    // Its build needs the torch that was just installed, and would otherwise look for a CUDA toolkit.
    let mut sam2 = Command::new(python);
    sam2.args(["-m", "pip", "install", "--quiet", "--no-build-isolation", SAM2]).env("SAM2_BUILD_CUDA", "0");
    run(&mut sam2)
}

/// `reference.py` with a subcommand, to be given further arguments.
pub fn reference(python: &Path, subcommand: &str) -> Command {
    let script = workspace::root().join("crates/xtask/python/reference.py");
    let mut command = Command::new(python);
    command.arg("-B").arg("-W").arg("ignore").arg(script).arg(subcommand);
    command
}

//! Python packages that PyTorch's own installation lacks. All are pure Python: they run on any machine.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

use crate::binary::run;
use crate::{python, workspace};

/// The reference and what it imports, at versions that go together.
const PACKAGES: [&str; 5] =
    ["sam2==1.1.0", "hydra-core==1.3.2", "omegaconf==2.3.0", "iopath==0.1.10", "antlr4-python3-runtime==4.9.3"];

/// Puts a wheel of each package into `folder`; they are built once and kept under `target`.
pub fn collect(folder: &Path) -> anyhow::Result<()> {
    let kept = workspace::scratch("gpu-check")?.join("wheels");
    if wheels(&kept) != PACKAGES.len() {
        let mut build = Command::new(python::interpreter()?);
        build.args(["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir"]).arg(&kept);
        // Its build would otherwise look for a CUDA toolkit, for an extension that nothing here uses.
        run(build.args(PACKAGES).env("SAM2_BUILD_CUDA", "0"))?;
    }
    for entry in fs::read_dir(&kept)? {
        let path = entry?.path();
        let name = path.file_name().context("a wheel without a name")?;
        ensure!(name.to_string_lossy().ends_with("-none-any.whl"), "{} is not for every machine", path.display());
        fs::copy(&path, folder.join(name))?;
    }
    Ok(())
}

fn wheels(folder: &Path) -> usize {
    fs::read_dir(folder).map_or(0, Iterator::count)
}

//! Python packages that a machine with PyTorch may lack.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

use crate::binary::run;
use crate::python;

/// The reference and what it imports, at versions that go together.
const PACKAGES: [&str; 10] = [
    "sam2==1.1.0",
    "hydra-core==1.3.2",
    "omegaconf==2.3.0",
    "iopath==0.1.10",
    "antlr4-python3-runtime==4.9.3",
    "packaging==26.4",
    "portalocker==4.4.2",
    "pyyaml==6.0.4",
    "safetensors==0.8.0",
    "tqdm==4.70.1",
];

/// Puts a wheel of each package into `folder`; they are fetched and built once and kept under `target`.
pub fn collect(folder: &Path) -> anyhow::Result<()> {
    let kept = super::scratch()?.join("wheels");
    if wheels(&kept) != PACKAGES.len() {
        // What is there is of other versions, or not all of it.
        let _ = fs::remove_dir_all(&kept);
        let mut build = Command::new(python::interpreter()?);
        build.args(["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir"]).arg(&kept);
        // Its build would otherwise look for a CUDA toolkit, for an extension that nothing here uses.
        run(build.args(PACKAGES).env("SAM2_BUILD_CUDA", "0"))?;
    }
    for entry in fs::read_dir(&kept)? {
        let path = entry?.path();
        let name = path.file_name().context("a wheel without a name")?;
        ensure!(is_for_any_python(&name.to_string_lossy()), "{} is not for every Python 3", path.display());
        fs::copy(&path, folder.join(name))?;
    }
    Ok(())
}

/// Pure Python, or made for the stable interface of all versions. PyYAML's compiled part is an extra that it goes without.
fn is_for_any_python(name: &str) -> bool {
    name.ends_with("-none-any.whl") || name.contains("-abi3-") || name.to_lowercase().starts_with("pyyaml-")
}

fn wheels(folder: &Path) -> usize {
    fs::read_dir(folder).map_or(0, Iterator::count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_for_one_python_does_not_travel() {
        assert!(is_for_any_python("sam2-1.1.0-py3-none-any.whl"));
        assert!(is_for_any_python("safetensors-0.8.0-cp310-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"));
        assert!(is_for_any_python("PyYAML-6.0.4-cp311-cp311-manylinux2014_x86_64.whl"));
        assert!(!is_for_any_python("numpy-2.4.6-cp311-cp311-manylinux_2_27_x86_64.whl"));
    }
}

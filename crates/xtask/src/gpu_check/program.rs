//! The program that travels.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

use crate::binary;

/// The program may have so many bytes once its symbols are gone: what is much larger does not travel with a working tree.
const MOST_BYTES: u64 = 50 << 20;

/// Builds the program and writes it to `folder` without its symbols and compressed by `xz`; gives its size before that, in bytes.
pub fn write(folder: &Path) -> anyhow::Result<u64> {
    let built = binary::build_gpu_check()?;
    let stripped = folder.join("maskd-gpu-check");
    binary::run(Command::new("strip").arg("-o").arg(&stripped).arg(&built)).context("binutils' strip is needed")?;
    let bytes = fs::metadata(&stripped)?.len();
    ensure!(bytes <= MOST_BYTES, "{} has {bytes} bytes, more than the {MOST_BYTES} it may have", built.display());
    binary::run(Command::new("xz").args(["-T0", "-6"]).arg(&stripped)).context("xz is needed")?;
    Ok(bytes)
}

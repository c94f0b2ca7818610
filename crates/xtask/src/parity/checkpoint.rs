//! Names of checkpoints.

use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::{binary, python, workspace};

/// The file of a checkpoint. `random:NAME` is made when missing; it is the same on every machine.
pub fn resolve(python: &Path, name: &str) -> anyhow::Result<PathBuf> {
    if name == "nano" {
        return Ok(workspace::root().join("crates/model/assets/nano.safetensors"));
    }
    let Some(variant) = name.strip_prefix("random:") else {
        let path = PathBuf::from(name);
        if !path.is_file() {
            bail!("{name} is no file; other checkpoints are nano and random:NAME");
        }
        return Ok(path);
    };
    let path = workspace::scratch("parity")?.join(format!("random-{variant}.pt"));
    if !path.is_file() {
        let half_done = path.with_extension("part");
        binary::run(python::reference(python, "random").arg(variant).arg(&half_done))?;
        std::fs::rename(half_done, &path)?;
    }
    Ok(path)
}

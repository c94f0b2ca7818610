//! The folder that travels.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use serde_json::Value;

use super::{binary, wheels};
use crate::{pictures, prompts, workspace};

/// Enough for all object pointers that a bank holds; longer videos are played there and back.
const FRAMES: usize = 18;
/// Most objects that are timed.
const OBJECTS: u32 = 8;
/// A larger bundle does not travel with a working tree.
const MOST_BYTES: u64 = 40 << 20;

/// Writes everything to an empty folder; gives its size in bytes.
pub fn write(folder: &Path) -> anyhow::Result<u64> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    for part in ["python", "wheels", "frames", "masks"] {
        fs::create_dir_all(folder.join(part)).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    scripts(folder)?;
    clip(folder)?;
    wheels::collect(&folder.join("wheels"))?;
    program(folder)?;
    let bytes = size(folder)?;
    ensure!(bytes <= MOST_BYTES, "the bundle has {bytes} bytes, more than the {MOST_BYTES} that it may have");
    Ok(bytes)
}

fn scripts(folder: &Path) -> anyhow::Result<()> {
    let source = workspace::root().join("crates/xtask/python");
    copy_files(&source, &folder.join("python"), "py")?;
    copy_files(&source.join("gpu"), folder, "py")
}

/// Frames of the built-in scene, and prompts whose masks lie beside them.
fn clip(folder: &Path) -> anyhow::Result<()> {
    let rendered = pictures::render(FRAMES, OBJECTS)?;
    copy_files(&rendered.folder, &folder.join("frames"), "png")?;
    let mut said: Vec<Value> = serde_json::from_str(&fs::read_to_string(&rendered.prompts)?)?;
    for entry in &mut said {
        if let Some(mask) = entry.get("mask").and_then(Value::as_str).map(PathBuf::from) {
            let name = Path::new("masks").join(mask.file_name().context("a mask without a name")?);
            fs::copy(&mask, folder.join(&name))?;
            entry["mask"] = name.to_string_lossy().into();
        }
    }
    prompts::write(&folder.join("prompts.json"), &said)
}

/// The program without its symbols, compressed.
fn program(folder: &Path) -> anyhow::Result<()> {
    let built = binary::build_gpu_check()?;
    let stripped = folder.join("maskd-gpu-check");
    binary::run(Command::new("strip").arg("-o").arg(&stripped).arg(&built)).context("binutils' strip is needed")?;
    binary::run(Command::new("xz").args(["-T0", "-6"]).arg(&stripped)).context("xz is needed")
}

fn copy_files(from: &Path, to: &Path, extension: &str) -> anyhow::Result<()> {
    for entry in fs::read_dir(from).with_context(|| format!("cannot list {}", from.display()))? {
        let path = entry?.path();
        if let Some(name) = path.file_name().filter(|_| path.extension().is_some_and(|found| found == extension)) {
            fs::copy(&path, to.join(name)).with_context(|| format!("cannot copy {}", path.display()))?;
        }
    }
    Ok(())
}

fn size(folder: &Path) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        bytes += if entry.file_type()?.is_dir() { size(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clip_brings_its_masks_along() {
        let folder = workspace::scratch("xtask-tests").unwrap().join("gpu-check-clip");
        let _ = fs::remove_dir_all(&folder);
        for part in ["frames", "masks", "python"] {
            fs::create_dir_all(folder.join(part)).unwrap();
        }
        clip(&folder).unwrap();
        scripts(&folder).unwrap();
        assert_eq!(fs::read_dir(folder.join("frames")).unwrap().count(), FRAMES);
        let said: Vec<Value> = serde_json::from_str(&fs::read_to_string(folder.join("prompts.json")).unwrap()).unwrap();
        assert_eq!(said.len(), OBJECTS as usize);
        let masks: Vec<&str> = said.iter().filter_map(|entry| entry.get("mask")?.as_str()).collect();
        assert_eq!(masks.len(), OBJECTS as usize / 2);
        assert!(masks.iter().all(|mask| folder.join(mask).exists()), "{masks:?}");
        assert!(folder.join("run.py").exists() && folder.join("python/reference.py").exists());
    }
}

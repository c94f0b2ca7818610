//! The folder that travels.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde_json::Value;

use super::{program, wheels};
use crate::comings::InSight;
use crate::{comings, pictures, prompts, workspace};

/// Enough for all object pointers that a bank holds; longer videos are played there and back.
const FRAMES: usize = 18;
/// Most objects that are timed.
const OBJECTS: u32 = 8;
/// Frames over which memory is watched, and objects that are followed at a time meanwhile.
const LONG: usize = 20_000;
const COMING: u32 = 4;
/// What decides when which object comes and goes.
const SEED: u64 = 1;
/// A larger bundle does not travel with a working tree.
const MOST_BYTES: u64 = 40 << 20;

/// How large a bundle is, in bytes.
#[derive(Debug)]
pub struct Sizes {
    /// All files together.
    bundle: u64,
    /// The program without its symbols, before it was compressed.
    program: u64,
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mib = |bytes: u64| bytes as f64 / 1_048_576.0;
        write!(f, "{:.1} MiB, the program in it unpacked {:.1} MiB", mib(self.bundle), mib(self.program))
    }
}

/// Writes everything to a folder that is new or an earlier bundle.
pub fn write(folder: &Path) -> anyhow::Result<Sizes> {
    empty(folder)?;
    for part in ["python", "wheels", "frames", "masks"] {
        fs::create_dir_all(folder.join(part)).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    scripts(folder)?;
    clip(folder)?;
    weights(folder)?;
    wheels::collect(&folder.join("wheels"))?;
    let program = program::write(folder)?;
    let bundle = size(folder)?;
    ensure!(bundle <= MOST_BYTES, "the bundle has {bundle} bytes, more than the {MOST_BYTES} that it may have");
    Ok(Sizes { bundle, program })
}

/// Removes an earlier bundle, and nothing else that somebody may have named by mistake.
fn empty(folder: &Path) -> anyhow::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    let is_bundle = folder.join("run.py").exists() || fs::read_dir(folder)?.next().is_none();
    ensure!(is_bundle, "{} is neither empty nor an earlier bundle", folder.display());
    fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))
}

fn scripts(folder: &Path) -> anyhow::Result<()> {
    let source = workspace::root().join("crates/xtask/python");
    copy_files(&source, &folder.join("python"), "py")?;
    copy_files(&source.join("gpu"), folder, "py")
}

/// Frames of the built-in scene, prompts whose masks lie beside them, and prompts for a long video in which objects come and go.
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
    prompts::write(&folder.join("prompts.json"), &said)?;
    let (said, _) = comings::prompts(there_and_back(&rendered.in_sight).take(LONG), COMING, SEED);
    prompts::write(&folder.join("comings.json"), &said)
}

/// What can be seen where a clip is played forwards, backwards, forwards.
fn there_and_back(clip: &[InSight]) -> impl Iterator<Item = InSight> {
    let inner = clip.get(1..clip.len().saturating_sub(1)).unwrap_or_default();
    clip.iter().chain(inner.iter().rev()).cloned().collect::<Vec<_>>().into_iter().cycle()
}

/// The smallest network, which is built into maskd but not into the program that travels: PyTorch has to read it as well.
fn weights(folder: &Path) -> anyhow::Result<()> {
    let source = workspace::root().join("crates/model/assets/nano.safetensors");
    fs::copy(&source, folder.join("nano.safetensors")).with_context(|| format!("cannot copy {}", source.display()))?;
    Ok(())
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
        assert!(empty(&folder).is_err() && folder.join("frames").exists());
        clip(&folder).unwrap();
        scripts(&folder).unwrap();
        weights(&folder).unwrap();
        assert_eq!(fs::read_dir(folder.join("frames")).unwrap().count(), FRAMES);
        let said: Vec<Value> = serde_json::from_str(&fs::read_to_string(folder.join("prompts.json")).unwrap()).unwrap();
        assert_eq!(said.len(), OBJECTS as usize);
        let comings = fs::read_to_string(folder.join("comings.json")).unwrap();
        let comings: Vec<Value> = serde_json::from_str(&comings).unwrap();
        assert!(comings.len() > 100 && comings.iter().any(|entry| entry.get("remove").is_some()), "{}", comings.len());
        let masks: Vec<&str> = said.iter().filter_map(|entry| entry.get("mask")?.as_str()).collect();
        assert_eq!(masks.len(), OBJECTS as usize / 2);
        assert!(masks.iter().all(|mask| folder.join(mask).exists()), "{masks:?}");
        assert!(folder.join("run.py").exists() && folder.join("python/reference.py").exists());
    }
}

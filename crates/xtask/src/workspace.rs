//! Where things are.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// A folder under `target` for whatever tasks leave behind, made when missing.
pub fn scratch(name: &str) -> anyhow::Result<PathBuf> {
    let folder = root().join("target").join(name);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    Ok(folder)
}

/// Data that only development machines have, beside the repository; `None`, said loudly, elsewhere.
pub fn shared(path: &str) -> Option<PathBuf> {
    let found = root().join("../shared").join(path);
    if !found.exists() {
        println!("SKIPPED: {path} is not beside this clone");
        return None;
    }
    Some(found)
}

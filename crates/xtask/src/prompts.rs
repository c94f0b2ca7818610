//! Prompts files of `maskd track`, made so that both sides find the masks they name.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use maskd_types::ObjectId;
use serde_json::Value;

/// Copies a prompts file to `copy`; masks get absolute paths.
pub fn copy_absolute(file: &Path, copy: &Path) -> anyhow::Result<()> {
    let mut prompts = read(file)?;
    let folder = fs::canonicalize(file.parent().filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new(".")))?;
    for entry in &mut prompts {
        if let Some(mask) = entry.get_mut("mask").filter(|mask| mask.is_string()) {
            *mask = folder.join(mask.as_str().unwrap_or_default()).to_string_lossy().into();
        }
    }
    write(copy, &prompts)
}

/// Keeps only what is said first, and what else is said about that object on that frame: enough to follow one path through
/// the network. Gives the number of the frame.
pub fn first_only(file: &Path, copy: &Path) -> anyhow::Result<usize> {
    let mut prompts = read(file)?;
    let first = prompts.first().cloned().unwrap_or(Value::Null);
    prompts.retain(|entry| entry.get("object") == first.get("object") && entry.get("frame") == first.get("frame"));
    write(copy, &prompts)?;
    Ok(first.get("frame").and_then(Value::as_u64).unwrap_or(0) as usize)
}

/// A box on the first frame, as `--prompt` takes it.
pub fn boxed(object: ObjectId, [x0, y0, x1, y1]: [f32; 4]) -> String {
    format!("{object}@0:box={x0},{y0},{x1},{y1}")
}

/// Writes a list of prompts.
pub fn write(path: &Path, prompts: &[Value]) -> anyhow::Result<()> {
    fs::write(path, serde_json::to_string(prompts)?).with_context(|| format!("cannot write {}", path.display()))
}

fn read(path: &Path) -> anyhow::Result<Vec<Value>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read the prompts in {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no list of prompts", path.display()))
}

/// The committed prompts for a clip or sequence by its name, where there are some.
pub fn for_clip(name: &str) -> Option<PathBuf> {
    let path = crate::workspace::root().join("crates/xtask/clips").join(name).with_extension("json");
    path.exists().then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str, text: &str) -> PathBuf {
        let path = crate::workspace::scratch("xtask-tests").unwrap().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn masks_become_absolute_and_the_rest_stays() {
        let file =
            scratch("relative.json", r#"[{"frame":0,"object":1,"mask":"m.png"},{"frame":4,"object":1,"remove":true}]"#);
        let copy = file.with_file_name("absolute.json");
        copy_absolute(&file, &copy).unwrap();
        let prompts = read(&copy).unwrap();
        let mask = Path::new(prompts[0]["mask"].as_str().unwrap());
        assert!(mask.is_absolute() && mask.ends_with("xtask-tests/m.png"), "{}", mask.display());
        assert_eq!(prompts[1], serde_json::json!({"frame": 4, "object": 1, "remove": true}));
    }

    #[test]
    fn the_first_object_keeps_all_its_words_on_its_first_frame() {
        let all = r#"[{"frame":3,"object":2,"box":[0,0,1,1]},{"frame":3,"object":1},{"frame":3,"object":2},{"frame":9,"object":2}]"#;
        let file = scratch("all.json", all);
        let copy = file.with_file_name("first.json");
        assert_eq!(first_only(&file, &copy).unwrap(), 3);
        assert_eq!(read(&copy).unwrap().len(), 2);
    }
}

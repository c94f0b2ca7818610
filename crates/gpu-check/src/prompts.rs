//! The part of `maskd track`'s prompts files that a check needs: boxes, points, mask pictures, and the end of a track.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use maskd_prompts::mask;
use maskd_types::{Action, ObjectId, Point, Prompt};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    frame: u64,
    object: ObjectId,
    #[serde(rename = "box")]
    bbox: Option<[f32; 4]>,
    #[serde(default)]
    points: Vec<(f32, f32, u8)>,
    mask: Option<PathBuf>,
    #[serde(default)]
    remove: bool,
}

/// What is said, and on which frame.
pub struct Said {
    pub frame: u64,
    pub object: ObjectId,
    pub action: Action,
}

/// Reads a prompts file for frames of `size`, width and height.
pub fn read(path: &Path, size: [u32; 2]) -> anyhow::Result<Vec<Said>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let entries: Vec<Entry> = serde_json::from_str(&text).with_context(|| format!("in {}", path.display()))?;
    let said: Vec<Said> =
        entries.into_iter().map(|entry| entry.into_said(path, size)).collect::<anyhow::Result<_>>()?;
    if said.is_empty() {
        bail!("{} says nothing", path.display());
    }
    Ok(said)
}

impl Entry {
    fn into_said(self, file: &Path, [width, height]: [u32; 2]) -> anyhow::Result<Said> {
        if self.remove {
            return Ok(Said { frame: self.frame, object: self.object, action: Action::Remove });
        }
        let points = self.points.iter().map(|&(x, y, label)| Point { x, y, positive: label == 1 }).collect::<Vec<_>>();
        let prompt = match self.mask {
            Some(name) => {
                let path = file.with_file_name(name);
                let mask = mask::load(&path, self.object, width, height);
                Prompt::Mask(mask.with_context(|| format!("in {}", path.display()))?)
            }
            None if points.is_empty() && self.bbox.is_none() => bail!("object {} has no prompt", self.object),
            None => Prompt::Shapes { points, bbox: self.bbox },
        };
        Ok(Said { frame: self.frame, object: self.object, action: Action::Prompt(prompt) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("maskd-gpu-check-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn boxes_and_points_are_read() {
        let text = r#"[{"frame":0,"object":1,"box":[1,2,3,4]},{"frame":0,"object":2,"points":[[5,6,0]]},
            {"frame":3,"object":1,"points":[[7,8,1]]},{"frame":5,"object":2,"remove":true}]"#;
        let path = file("some.json", text);
        let all = read(&path, [8, 8]).unwrap();
        assert_eq!(all.len(), 4);
        assert_eq!(all[3].action, Action::Remove);
        let shapes = Prompt::Shapes { points: vec![Point { x: 5.0, y: 6.0, positive: false }], bbox: None };
        assert_eq!(all[1].action, Action::Prompt(shapes));
        assert_eq!(
            all.iter().map(|said| (said.frame, said.object.get())).collect::<Vec<_>>(),
            [(0, 1), (0, 2), (3, 1), (5, 2)]
        );
    }

    #[test]
    fn an_object_without_a_prompt_is_refused() {
        let path = file("none.json", r#"[{"frame":0,"object":1}]"#);
        assert!(read(&path, [8, 8]).is_err());
    }
}

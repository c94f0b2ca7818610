//! Folders of PNG frames: what both sides read, so that they see the same pixels.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use maskd_scene::{Scene, SceneConfig};
use maskd_types::{Frame, Rle};
use serde_json::{Value, json};

use crate::binary::run;
use crate::comings::InSight;
use crate::test::cargo;
use crate::{prompts, workspace};

/// The folder itself, or the first `frames` frames of a video as a folder of PNG files.
pub fn folder_of(input: &Path, frames: Option<usize>) -> anyhow::Result<PathBuf> {
    if input.is_dir() {
        return Ok(input.to_owned());
    }
    let name = input.file_stem().unwrap_or_default().to_string_lossy();
    let folder = empty_folder(&format!("parity/frames-{name}"))?;
    // By way of cargo: were the decoder part of this program, it could not be built before GStreamer is installed.
    let mut decode = cargo();
    decode.args(["run", "--release", "--quiet", "--package", "maskd-capture", "--example", "pictures", "--"]);
    decode.arg(input.canonicalize()?).arg(&folder).args(frames.map(|frames| frames.to_string()));
    run(&mut decode)?;
    Ok(folder)
}

/// A rendered clip and prompts for it: boxes and masks of its objects in turn.
pub struct Rendered {
    /// PNG frames.
    pub folder: PathBuf,
    /// Prompts file.
    pub prompts: PathBuf,
    /// What can be seen on each frame.
    pub in_sight: Vec<InSight>,
}

/// Renders `frames` frames of the built-in scene with so many objects.
pub fn render(frames: usize, objects: u32) -> anyhow::Result<Rendered> {
    let folder = empty_folder(&format!("parity/scene-{objects}-{frames}"))?;
    let config = SceneConfig { objects, frames: frames as u64, ..SceneConfig::default() };
    let mut scene = Scene::new(config)?;
    let (mut spoken, mut in_sight) = (Vec::new(), Vec::new());
    let side = workspace::scratch("parity")?;
    while let Some(shot) = scene.next_frame() {
        if shot.frame.number == 0 {
            for (index, truth) in shot.truth.iter().enumerate() {
                let mask = side.join(format!("scene-{objects}-{frames}-{}.png", truth.id));
                write_mask(&truth.visible, &mask)?;
                spoken.extend(prompt(index, truth, &mask));
            }
        }
        in_sight.push(shot.boxes());
        write_frame(&shot.frame, &folder.join(format!("{:05}.png", shot.frame.number)))?;
    }
    if spoken.is_empty() {
        bail!("the scene shows none of its objects on its first frame");
    }
    let prompts = side.join(format!("scene-{objects}-{frames}.json"));
    prompts::write(&prompts, &spoken)?;
    Ok(Rendered { folder, prompts, in_sight })
}

fn prompt(index: usize, truth: &maskd_scene::Truth, mask: &Path) -> Option<Value> {
    let edges = truth.visible.bbox()?;
    Some(if index.is_multiple_of(2) {
        json!({"frame": 0, "object": truth.id, "box": edges})
    } else {
        json!({"frame": 0, "object": truth.id, "mask": mask})
    })
}

fn empty_folder(name: &str) -> anyhow::Result<PathBuf> {
    let folder = workspace::scratch(name)?;
    fs::remove_dir_all(&folder)?;
    workspace::scratch(name)
}

fn write_frame(frame: &Frame, path: &Path) -> anyhow::Result<()> {
    write_png(path, (frame.width, frame.height), png::ColorType::Rgb, &frame.rgb)
}

fn write_mask(mask: &Rle, path: &Path) -> anyhow::Result<()> {
    let bytes: Vec<u8> = mask.decode().data().iter().map(|inside| inside * 255).collect();
    write_png(path, (mask.width(), mask.height()), png::ColorType::Grayscale, &bytes)
}

fn write_png(path: &Path, (width, height): (u32, u32), color: png::ColorType, data: &[u8]) -> anyhow::Result<()> {
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    let mut encoder = png::Encoder::new(BufWriter::new(file), width, height);
    encoder.set_color(color);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(data)?;
    Ok(writer.finish()?)
}

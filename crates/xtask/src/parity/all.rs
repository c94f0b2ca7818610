//! `cargo xtask parity --all`: the table of the README.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::run::Job;
use super::table::Table;
use super::{Args, SCENE_FRAMES, Sides, resolve};
use crate::binary::Compute;
use crate::{pictures, prompts, workspace};

const SIZES: [&str; 4] = ["tiny", "small", "base-plus", "large"];
/// Frames of every clip that nano is compared on.
const CLIP_FRAMES: Option<NonZeroUsize> = NonZeroUsize::new(60);
/// Smallest mean IoU of nano's masks on a clip.
const CLIP_IOU: f64 = 0.995;

/// Compares everything; whether all of it is within the tolerance.
pub fn run(sides: &Sides, args: &Args) -> anyhow::Result<bool> {
    let mut table = Table::default();
    let mut within = true;
    let scene = pictures::render(args.compute.frames.map_or(SCENE_FRAMES, usize::from), 2)?;
    for family in ["sam2.1", "sam2"] {
        for size in SIZES {
            let name = format!("random:{family}-{size}");
            println!("{name}");
            let checkpoint = resolve(&sides.python, &name)?;
            let job = Job::new(&name, &checkpoint, &scene.folder, &scene.prompts, &args.compute)?;
            let comparison = job.compare(sides)?;
            comparison.print();
            within &= comparison.worst_error() <= args.tolerance;
            table.add(&format!("{family}-{size}, random weights"), "built-in scene", &comparison);
        }
    }
    for (clip, input) in clips() {
        let Some(prompts) = prompts::for_clip(&clip) else {
            continue;
        };
        println!("nano on {clip}");
        let compute = Compute { frames: args.compute.frames.or(CLIP_FRAMES), ..args.compute.clone() };
        let folder = pictures::folder_of(&input, compute.frames.map(usize::from))?;
        let job = Job::new("nano", &resolve(&sides.python, "nano")?, &folder, &prompts, &compute)?;
        let comparison = job.compare(sides)?;
        comparison.print();
        within &= comparison.mean_iou() >= CLIP_IOU;
        table.add("nano", &clip, &comparison);
    }
    let path = workspace::scratch("parity")?.join("table.md");
    println!("\n{table}");
    std::fs::write(path, table.to_string())?;
    Ok(within)
}

/// Names and paths of the clips beside the repository.
fn clips() -> Vec<(String, PathBuf)> {
    let folders = ["data/clips"].into_iter().filter_map(workspace::shared);
    let entries = folders.filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
    let mut clips: Vec<_> = entries
        .map(|entry| entry.path())
        .filter_map(|path| Some((path.file_stem()?.to_str()?.to_owned(), path)))
        .collect();
    clips.sort();
    clips
}

//! Rendered scenes, of which everything is known.

use maskd_scene::{Scene, SceneConfig, SceneFrame};
use maskd_types::{ObjectId, Rle};

use super::follow::{self, Take};
use super::open_tracker;
use super::video::{Truth, Video};
use crate::cli::EvalArgs;
use crate::console::Console;
use crate::exit::{Code, Failure};

/// Judges as many scenes as were asked for, with seeds that count up.
///
/// # Errors
/// Where the text describes no scene, and what keeps the tracker from its work.
pub fn evaluate(arguments: &EvalArgs, console: Console) -> Result<Vec<Video>, Failure> {
    for (flag, given) in [
        ("--masks", arguments.masks.is_some()),
        ("--save-masks", arguments.save_masks.is_some()),
        ("--sequence", !arguments.sequences.is_empty()),
        ("--merge-objects", arguments.merge_objects),
    ] {
        if given {
            let error = anyhow::anyhow!("{flag} is for data sets on disk, and {} is rendered", arguments.data);
            return Err(Failure::new(Code::Usage, error, format!("leave out {flag}, or give a folder")));
        }
    }
    let first: SceneConfig = arguments.data.parse()?;
    let count = arguments.scenes.get();
    let seeds = (0..count).map(|step| first.seed.wrapping_add(step));
    let mut videos = Vec::new();
    for seed in seeds {
        let config = SceneConfig { seed, ..first.clone() };
        videos.push(track(config, arguments, if videos.is_empty() { console } else { Console::new(true) })?);
        console.note(format!("scene with seed {seed}: {} of {count}", videos.len()));
    }
    Ok(videos)
}

fn track(config: SceneConfig, arguments: &EvalArgs, console: Console) -> Result<Video, Failure> {
    let frames = config.frames;
    let mut video = Video::new(config.to_string());
    let scene = Scene::new(config)?;
    // Only whether there are fewer than 16 of them matters.
    let mut tracker = open_tracker(arguments, usize::try_from(frames).unwrap_or(usize::MAX), console)?;
    console.note(format!("running on {}", tracker.device()));
    let mut scene = scene.peekable();
    while let Some(scene_frame) = scene.next() {
        let take = take(scene_frame, frames);
        let next = scene.peek().map(|next| &next.frame);
        follow::step(tracker.as_mut(), arguments.prompt.into(), &mut video, &take, next)?;
    }
    Ok(video)
}

/// As in a data set: objects are pointed at on the first frame, and neither that nor the last is judged.
fn take(scene_frame: SceneFrame, frames: u64) -> Take {
    let SceneFrame { frame, truth } = scene_frame;
    if frame.number == 0 {
        let visible = truth.into_iter().filter(|truth| !truth.visible.is_empty());
        let begins: Vec<(ObjectId, Rle)> = visible.map(|truth| (truth.id, truth.visible)).collect();
        return Take { frame, begins, truth: Vec::new() };
    }
    let judged = frame.number + 1 < frames;
    let truth = truth.into_iter().filter(|_| judged);
    let truth = truth.map(|truth| Truth { id: truth.id, mask: truth.visible, hidden: Some(truth.hidden) });
    Take { frame, begins: Vec::new(), truth: truth.collect() }
}

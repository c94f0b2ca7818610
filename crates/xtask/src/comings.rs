//! Objects that are taken up and given up at random.

use std::ops::Range;

use anyhow::Context;
use fastrand::Rng;
use maskd_scene::{Scene, SceneConfig};
use maskd_types::ObjectId;
use serde_json::{Value, json};

/// Frames for which an object is followed: from fewer than a full memory bank to many times that.
const FOLLOWED: Range<u64> = 3..300;
/// Frames until another takes its place.
const FREE: Range<u64> = 0..60;

/// One of the objects that are followed at the same time, or the place for it.
#[derive(Clone, Copy)]
struct Place {
    /// What is followed: its number among the objects that were ever followed, and in the scene.
    taken: Option<(u32, ObjectId)>,
    /// Frame on which that changes.
    until: u64,
}

/// What can be seen on a frame: objects and their boxes.
pub type InSight = Vec<(ObjectId, [f32; 4])>;

/// What can be seen on every frame of a scene.
pub fn of_scene(config: SceneConfig) -> anyhow::Result<impl Iterator<Item = InSight>> {
    let mut scene = Scene::new(config).context("there is no such scene")?;
    Ok(std::iter::from_fn(move || scene.next_frame().map(|frame| frame.boxes())))
}

/// Prompts for a video of which is known what can be seen on each frame, as a prompts file has them: at most `most` of its objects at a
/// time, each under a number that was never used before. Also how many objects there were.
pub fn prompts(video: impl Iterator<Item = InSight>, most: u32, seed: u64) -> (Vec<Value>, u32) {
    let mut rng = Rng::with_seed(seed);
    let mut places = vec![Place { taken: None, until: 0 }; most as usize];
    let (mut said, mut count) = (Vec::new(), 0);
    for (number, in_sight) in (0..).zip(video) {
        for index in 0..places.len() {
            if places[index].until > number {
                continue;
            }
            places[index] = match places[index].taken {
                Some((object, _)) => {
                    said.push(json!({ "frame": number, "object": object, "remove": true }));
                    Place { taken: None, until: number + rng.u64(FREE) }
                }
                None => {
                    let followed = |id| places.iter().any(|place| place.taken.is_some_and(|(_, other)| other == id));
                    let boxes: Vec<_> = in_sight.iter().filter(|(id, _)| !followed(*id)).collect();
                    let Some(&&(id, edges)) = rng.choice(&boxes) else { continue };
                    count += 1;
                    said.push(json!({ "frame": number, "object": count, "box": edges }));
                    Place { taken: Some((count, id)), until: number + rng.u64(FOLLOWED) }
                }
            };
        }
    }
    (said, count)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn never_more_than_wanted_and_never_twice() {
        let config = SceneConfig { objects: 6, frames: 400, width: 160, height: 90, ..SceneConfig::default() };
        let (said, count) = prompts(of_scene(config).unwrap(), 4, 7);
        let mut present = BTreeSet::new();
        let mut most = 0;
        for one in &said {
            let object = one["object"].as_u64().unwrap();
            if one.get("remove").is_some() {
                assert!(present.remove(&object), "{one}");
            } else {
                assert!(one["box"].is_array() && present.insert(object), "{one}");
            }
            most = most.max(present.len());
        }
        assert_eq!(most, 4);
        assert!(count > 8 && said.iter().filter(|one| one.get("box").is_some()).count() == count as usize);
    }
}

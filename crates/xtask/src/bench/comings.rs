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

/// Prompts for a scene, as a prompts file has them: at most `most` of its objects at a time, each under a number that was never used
/// before. Also how many objects there were.
pub fn prompts(config: SceneConfig, most: u32, seed: u64) -> anyhow::Result<(Vec<Value>, u32)> {
    let mut rng = Rng::with_seed(seed);
    let mut scene = Scene::new(config).context("there is no such scene")?;
    let mut places = vec![Place { taken: None, until: 0 }; most as usize];
    let (mut said, mut count) = (Vec::new(), 0);
    while let Some(frame) = scene.next_frame() {
        let number = frame.frame.number;
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
                    let boxes: Vec<_> = frame.boxes().into_iter().filter(|(id, _)| !followed(*id)).collect();
                    let Some(&(id, edges)) = rng.choice(&boxes) else { continue };
                    count += 1;
                    said.push(json!({ "frame": number, "object": count, "box": edges }));
                    Place { taken: Some((count, id)), until: number + rng.u64(FOLLOWED) }
                }
            };
        }
    }
    Ok((said, count))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn never_more_than_wanted_and_never_twice() {
        let config = SceneConfig { objects: 6, frames: 400, width: 160, height: 90, ..SceneConfig::default() };
        let (said, count) = prompts(config, 4, 7).unwrap();
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

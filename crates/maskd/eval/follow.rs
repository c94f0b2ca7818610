//! The tracker goes through a video, and every mask is held against the truth.

use std::time::Instant;

use maskd_eval::PromptKind;
use maskd_tracker::{Step, Tracker};
use maskd_types::{Action, Frame, ObjectId, ObjectState, Rle};

use super::video::{Truth, Video};
use crate::exit::Failure;

/// A frame and what is true of it.
pub struct Take {
    /// The picture.
    pub frame: Frame,
    /// Objects that are pointed at on it, with their masks.
    pub begins: Vec<(ObjectId, Rle)>,
    /// What masks are to be held against. Empty where the frame is not judged.
    pub truth: Vec<Truth>,
}

/// Tracks one frame and judges the masks; `next` is the frame that comes after it.
///
/// # Errors
/// What keeps the tracker from its work.
pub fn step(
    tracker: &mut dyn Tracker,
    kind: PromptKind,
    video: &mut Video,
    take: &Take,
    next: Option<&Frame>,
) -> Result<Step, Failure> {
    if let Some(next) = next {
        tracker.prefetch(next);
    }
    let action = |(id, mask): &(ObjectId, Rle)| Some((*id, Action::Prompt(maskd_eval::prompt(kind, mask)?)));
    let actions: Vec<_> = take.begins.iter().filter_map(action).collect();
    let begin = Instant::now();
    let step = tracker.step(&take.frame, &actions)?;
    video.tracked.0 += 1;
    video.tracked.1 += begin.elapsed();
    let nothing = Rle::empty(take.frame.width, take.frame.height);
    for truth in &take.truth {
        let object = step.objects.iter().find(|object| object.id == truth.id);
        let seen = object.is_some_and(|object| matches!(object.state, ObjectState::Visible | ObjectState::Reacquired));
        video.judge(truth, object.map_or(&nothing, |object| &object.mask), seen);
    }
    for (id, mask) in &take.begins {
        video.begin(*id, mask.clone());
    }
    Ok(step)
}

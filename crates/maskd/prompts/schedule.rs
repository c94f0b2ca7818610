//! A plan held against the input it is for.

use std::collections::BTreeMap;

use maskd_prompts::mask;
use maskd_types::{Action, ObjectId, Prompt, SourceInfo};

use super::plan::Group;
use super::{Origin, Part, Plan, PromptError, Statement};

/// Actions waiting for their frame.
#[derive(Debug)]
pub struct Schedule {
    waiting: BTreeMap<u64, Vec<Waiting>>,
}

#[derive(Debug)]
struct Waiting {
    object: ObjectId,
    action: Action,
    origin: Origin,
}

impl Schedule {
    /// Holds a plan against an input of which `frames` frames will be seen, where that is known, and loads its masks.
    ///
    /// # Errors
    /// Where there is nothing to do, a prompt lies outside the picture or past the end, or a mask cannot be used.
    pub fn new(plan: &Plan, info: &SourceInfo, frames: Option<u64>) -> Result<Self, PromptError> {
        if plan.is_empty() {
            return Err(PromptError::Nothing);
        }
        let mut waiting: BTreeMap<u64, Vec<Waiting>> = BTreeMap::new();
        for (frame, object, group) in plan.groups() {
            let Some(first) = group.first() else { continue };
            past_the_end(first, frames)?;
            let action = action(group, info)?;
            let origin = first.origin.clone();
            waiting.entry(frame).or_default().push(Waiting { object, action, origin });
        }
        Ok(Self { waiting })
    }

    /// The actions for a frame, in the order of object ids; frames are to be asked for in their order.
    pub fn take(&mut self, frame: u64) -> Vec<(ObjectId, Action)> {
        let due = self.waiting.remove(&frame).unwrap_or_default();
        due.into_iter().map(|waiting| (waiting.object, waiting.action)).collect()
    }

    /// To be called when the input has ended after `frames` frames.
    ///
    /// # Errors
    /// Where an action is still waiting for its frame.
    pub fn finish(&self, frames: u64) -> Result<(), PromptError> {
        let Some((&frame, first)) = self.waiting.iter().find_map(|(frame, list)| Some((frame, list.first()?))) else {
            return Ok(());
        };
        let origin = first.origin.clone();
        Err(PromptError::EndedBefore { origin, frame, frames })
    }
}

fn past_the_end(statement: &Statement, frames: Option<u64>) -> Result<(), PromptError> {
    match frames {
        Some(frames) if statement.frame >= frames => {
            Err(PromptError::PastTheEnd { origin: statement.origin.clone(), frame: statement.frame, frames })
        }
        _ => Ok(()),
    }
}

fn action(group: &Group, info: &SourceInfo) -> Result<Action, PromptError> {
    let (mut points, mut bbox) = (Vec::new(), None);
    for statement in group {
        match &statement.part {
            Part::Remove => return Ok(Action::Remove),
            Part::Mask(path) => {
                let mask = mask::load(path, statement.object, info.width, info.height);
                let mask = mask.map_err(|source| PromptError::Mask {
                    path: path.clone(),
                    origin: statement.origin.clone(),
                    source,
                })?;
                return Ok(Action::Prompt(Prompt::Mask(mask)));
            }
            Part::Point(point) => {
                within(statement, info, &format!("the point {},{}", point.x, point.y), |x, y| {
                    (0.0..x).contains(&point.x) && (0.0..y).contains(&point.y)
                })?;
                points.push(*point);
            }
            Part::Box(edges) => {
                let [x0, y0, x1, y1] = *edges;
                within(statement, info, &format!("the box {x0},{y0},{x1},{y1}"), |x, y| {
                    x0 >= 0.0 && y0 >= 0.0 && x1 <= x && y1 <= y
                })?;
                bbox = Some(*edges);
            }
        }
    }
    Ok(Action::Prompt(Prompt::Shapes { points, bbox }))
}

fn within(
    statement: &Statement,
    info: &SourceInfo,
    what: &str,
    test: impl Fn(f32, f32) -> bool,
) -> Result<(), PromptError> {
    // Every width of a picture is exact in an f32.
    if test(info.width as f32, info.height as f32) {
        return Ok(());
    }
    Err(PromptError::Outside {
        origin: statement.origin.clone(),
        what: what.into(),
        width: info.width,
        height: info.height,
    })
}

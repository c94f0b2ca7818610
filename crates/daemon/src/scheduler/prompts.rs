//! What the configuration says about objects, until it has been done.

use std::collections::BTreeMap;
use std::sync::Arc;

use maskd_config::PromptConfig;
use maskd_prompts::mask;
use maskd_types::{Action, Frame, ObjectId, Prompt};

/// The prompts of a stream that still wait for their frame.
#[derive(Debug, Default)]
pub(super) struct Pending {
    prompts: Vec<PromptConfig>,
    names: BTreeMap<ObjectId, Arc<str>>,
}

impl Pending {
    /// `done` are objects whose tracks have come back from an earlier run: nothing is said about them again.
    pub(super) fn new(prompts: &[PromptConfig], done: &[ObjectId]) -> Self {
        let named = prompts.iter().filter_map(|prompt| Some((prompt.object, prompt.name.as_deref()?.into())));
        Self {
            names: named.collect(),
            prompts: prompts.iter().filter(|prompt| !done.contains(&prompt.object)).cloned().collect(),
        }
    }

    pub(super) fn call(&mut self, object: ObjectId, name: Option<&str>) {
        match name {
            Some(name) => self.names.insert(object, name.into()),
            None => self.names.remove(&object),
        };
    }

    pub(super) fn name(&self, object: ObjectId) -> Option<Arc<str>> {
        self.names.get(&object).cloned()
    }

    /// What is due on a frame. A live source drops frames, so that the next one stands for those before it; on a damaged frame
    /// nothing is said. At most one prompt of an object is given out at a time, the earliest.
    pub(super) fn due(&mut self, frame: &Frame) -> Vec<PromptConfig> {
        let mut due: Vec<PromptConfig> = Vec::new();
        if !frame.intact {
            return due;
        }
        let mut index = 0;
        while let Some(prompt) = self.prompts.get(index) {
            let now = prompt.frame <= frame.number && due.iter().all(|other| other.object != prompt.object);
            if now { due.push(self.prompts.remove(index)) } else { index += 1 }
        }
        due
    }
}

/// What a prompt means on a frame.
///
/// # Errors
/// Where its mask cannot be used.
pub(super) fn action(prompt: PromptConfig, frame: &Frame) -> Result<Action, mask::MaskFileError> {
    Ok(Action::Prompt(match prompt.mask {
        Some(path) => Prompt::Mask(mask::load(&path, prompt.object, frame.width, frame.height)?),
        None => Prompt::Shapes { points: prompt.points, bbox: prompt.bbox },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use maskd_types::Stamp;

    fn prompt(object: u32, frame: u64) -> PromptConfig {
        PromptConfig {
            object: ObjectId::new(object).unwrap(),
            name: Some(format!("thing {object}")),
            frame,
            points: Vec::new(),
            bbox: Some([0.0, 0.0, 2.0, 2.0]),
            mask: None,
        }
    }

    fn frame(number: u64, intact: bool) -> Frame {
        Frame { number, stamp: Stamp::arriving(0), width: 4, height: 4, intact, rgb: vec![0; 48].into() }
    }

    fn due(pending: &mut Pending, number: u64, intact: bool) -> Vec<(u32, u64)> {
        pending.due(&frame(number, intact)).iter().map(|prompt| (prompt.object.get(), prompt.frame)).collect()
    }

    #[test]
    fn a_prompt_waits_for_its_frame_or_the_next_whole_one() {
        let mut pending = Pending::new(&[prompt(1, 0), prompt(2, 5), prompt(1, 6)], &[]);
        assert_eq!(due(&mut pending, 0, true), [(1, 0)]);
        assert_eq!(due(&mut pending, 3, true), []);
        assert_eq!(due(&mut pending, 7, false), []);
        assert_eq!(due(&mut pending, 9, true), [(2, 5), (1, 6)]);
        assert_eq!(due(&mut pending, 10, true), []);
    }

    #[test]
    fn two_prompts_of_one_object_come_one_after_the_other() {
        let mut pending = Pending::new(&[prompt(1, 0), prompt(1, 1)], &[]);
        assert_eq!(due(&mut pending, 4, true), [(1, 0)]);
        assert_eq!(due(&mut pending, 5, true), [(1, 1)]);
    }

    #[test]
    fn nothing_is_said_again_about_what_came_back() {
        let object = ObjectId::new(1).unwrap();
        let mut pending = Pending::new(&[prompt(1, 0), prompt(2, 0)], &[object]);
        assert_eq!(pending.name(object).as_deref(), Some("thing 1"));
        assert_eq!(due(&mut pending, 0, true), [(2, 0)]);
    }
}

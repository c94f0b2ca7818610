use std::collections::BTreeMap;
use std::sync::Arc;

use maskd_types::{ObjectId, TrackedFrame, TrackedObject};
use re_sdk_types::archetypes::AnnotationContext;
use re_sdk_types::datatypes::{AnnotationInfo, Rgba32};

use crate::masks::colour;

/// The ids of a stream's objects, with their names and colours.
#[derive(Default)]
pub(super) struct Annotations {
    known: BTreeMap<u16, Option<Arc<str>>>,
}

impl Annotations {
    /// All there is to say, where a frame has an id or a name that has not been told yet.
    pub(super) fn learn(&mut self, frame: &TrackedFrame) -> Option<AnnotationContext> {
        let mut new = false;
        for object in &frame.objects {
            let Some(class) = class(object.id) else { continue };
            if self.known.get(&class) != Some(&object.name) {
                self.known.insert(class, object.name.clone());
                new = true;
            }
        }
        new.then(|| self.context())
    }

    fn context(&self) -> AnnotationContext {
        AnnotationContext::new(self.known.iter().map(|(&class, name)| AnnotationInfo {
            id: class,
            label: Some(name_of(u32::from(class), name.as_deref()).into()),
            color: Some(Rgba32::from(colour_of(class))),
        }))
    }
}

/// Rerun's number for an object; ids beyond 65535 have none.
pub(super) fn class(id: ObjectId) -> Option<u16> {
    u16::try_from(id.get()).ok()
}

/// What people read.
pub(super) fn label(object: &TrackedObject) -> String {
    name_of(object.id.get(), object.name.as_deref())
}

pub(super) fn name_of(id: u32, name: Option<&str>) -> String {
    name.map_or_else(|| format!("object {id}"), str::to_owned)
}

/// The palette starts over after 255, without the black of the background.
fn colour_of(class: u16) -> [u8; 3] {
    colour((class.saturating_sub(1) % 255 + 1) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_object_is_black() {
        assert_eq!(colour_of(1), [128, 0, 0]);
        assert_eq!(colour_of(255), colour(255));
        assert_eq!(colour_of(256), colour(1));
        assert!((1..=u16::MAX).all(|class| colour_of(class) != [0; 3]));
    }
}

//! Joins all that was said, without looking at the input.

use std::collections::{BTreeMap, BTreeSet};

use maskd_types::ObjectId;

use super::{Part, PromptError, Statement};

/// Everything said about one object on one frame; free of contradictions.
pub(super) type Group = Vec<Statement>;

/// All statements in the order in which they take effect: by frame, then by object.
#[derive(Debug, Default)]
pub struct Plan {
    groups: BTreeMap<(u64, ObjectId), Group>,
}

impl Plan {
    /// Joins statements.
    ///
    /// # Errors
    /// Where two of them contradict each other, or an object is to be removed that is not tracked at that frame.
    pub fn new(statements: impl IntoIterator<Item = Statement>) -> Result<Self, PromptError> {
        let mut plan = Self::default();
        for statement in statements {
            plan.add(statement)?;
        }
        plan.check_removals()?;
        Ok(plan)
    }

    /// Whether nobody said anything.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Checks that all objects fit into the pixels of mask images.
    ///
    /// # Errors
    /// Names the first that does not.
    pub fn check_pixel_values(&self) -> Result<(), PromptError> {
        let large = self.groups.values().flatten().find(|statement| u8::try_from(statement.object.get()).is_err());
        large.map_or(Ok(()), |statement| {
            Err(PromptError::LargeId { object: statement.object, origin: statement.origin.clone() })
        })
    }

    pub(super) fn groups(&self) -> impl Iterator<Item = (u64, ObjectId, &Group)> {
        self.groups.iter().map(|(&(frame, object), group)| (frame, object, group))
    }

    fn add(&mut self, statement: Statement) -> Result<(), PromptError> {
        let group = self.groups.entry((statement.frame, statement.object)).or_default();
        for earlier in group.iter() {
            if let Some(reason) = contradiction(&earlier.part, &statement.part) {
                return Err(PromptError::Contradiction {
                    object: statement.object,
                    frame: statement.frame,
                    first: earlier.origin.clone(),
                    second: statement.origin,
                    reason,
                });
            }
        }
        group.push(statement);
        Ok(())
    }

    fn check_removals(&self) -> Result<(), PromptError> {
        let mut tracked = BTreeSet::new();
        for (frame, object, group) in self.groups() {
            let removal = group.iter().find(|statement| statement.part == Part::Remove);
            let Some(removal) = removal else {
                tracked.insert(object);
                continue;
            };
            if !tracked.remove(&object) {
                return Err(PromptError::UnknownObject {
                    object,
                    frame,
                    origin: removal.origin.clone(),
                    tracked: tracked.into_iter().collect(),
                });
            }
        }
        Ok(())
    }
}

/// Why two parts cannot both hold for one object on one frame.
fn contradiction(a: &Part, b: &Part) -> Option<&'static str> {
    match (a, b) {
        (Part::Remove, Part::Remove) => Some("the object is removed twice"),
        (Part::Remove, _) | (_, Part::Remove) => Some("the object is prompted and removed"),
        (Part::Mask(_), Part::Mask(_)) => Some("there are two masks"),
        (Part::Mask(_), _) | (_, Part::Mask(_)) => Some("there is a mask and also a point or a box"),
        (Part::Box(_), Part::Box(_)) => Some("there are two boxes"),
        (Part::Point(a), Part::Point(b)) if (a.x, a.y) == (b.x, b.y) && a.positive != b.positive => {
            Some("one place is part of the object and is not")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;

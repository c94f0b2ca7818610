//! The prompts file: a JSON list of `{"frame", "object", "points", "box", "mask", "remove"}`.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use maskd_types::{ObjectId, Point};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{Origin, Part, PromptError, Statement, is_box};

/// Reads a prompts file. Paths of masks are relative to the file they stand in.
///
/// # Errors
/// Where the file cannot be read, and with line and column where it is no list of prompts.
pub fn read(path: &Path) -> Result<Vec<Statement>, PromptError> {
    let text = fs::read(path).map_err(|source| PromptError::Unreadable { path: path.into(), source })?;
    let entries: Vec<Entry> =
        serde_json::from_slice(&text).map_err(|source| PromptError::Json { path: path.into(), source })?;
    let numbered = entries.into_iter().zip(1..);
    let file: Arc<Path> = path.into();
    Ok(numbered.flat_map(|(entry, number)| entry.statements(&file, number)).collect())
}

/// One entry, known to say something and nothing twice over.
struct Entry {
    frame: u64,
    object: ObjectId,
    parts: Vec<Part>,
}

impl Entry {
    fn statements(self, file: &Arc<Path>, number: usize) -> impl Iterator<Item = Statement> {
        let (object, frame) = (self.object, self.frame);
        let file = Arc::clone(file);
        self.parts.into_iter().map(move |part| Statement {
            object,
            frame,
            part: beside(part, &file),
            origin: Origin::Entry { file: Arc::clone(&file), number },
        })
    }
}

/// Turns the path of a mask, which is relative to the prompts file, into one that can be opened.
fn beside(part: Part, file: &Path) -> Part {
    match part {
        Part::Mask(mask) => Part::Mask(file.parent().map_or(mask.clone(), |folder| folder.join(mask))),
        other => other,
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    #[serde(default)]
    frame: u64,
    object: ObjectId,
    #[serde(default)]
    points: Vec<RawPoint>,
    #[serde(rename = "box")]
    edges: Option<[f32; 4]>,
    mask: Option<PathBuf>,
    #[serde(default)]
    remove: bool,
}

/// A JSON array `[x, y, label]`.
#[derive(Clone, Copy)]
struct RawPoint(Point);

// These two are not `#[serde(try_from)]`, for which the place of a fault is where the list goes on, maybe a line further.

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntryVisitor)
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a prompt such as {\"frame\":0,\"object\":1,\"points\":[[x,y,1]]}")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Entry, A::Error> {
        RawEntry::deserialize(MapAccessDeserializer::new(map))?.try_into().map_err(A::Error::custom)
    }
}

impl<'de> Deserialize<'de> for RawPoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(PointVisitor)
    }
}

struct PointVisitor;

impl<'de> Visitor<'de> for PointVisitor {
    type Value = RawPoint;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a point [x, y, 1] or [x, y, 0]")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, numbers: A) -> Result<RawPoint, A::Error> {
        <(f32, f32, u8)>::deserialize(SeqAccessDeserializer::new(numbers))?.try_into().map_err(A::Error::custom)
    }
}

impl TryFrom<(f32, f32, u8)> for RawPoint {
    type Error = &'static str;

    fn try_from((x, y, label): (f32, f32, u8)) -> Result<Self, Self::Error> {
        if label > 1 {
            return Err("the third number of a point is 1 (part of the object) or 0 (not part of it)");
        }
        if !(x.is_finite() && y.is_finite()) {
            return Err("a coordinate is too large to be a pixel");
        }
        let positive = label == 1;
        Ok(Self(Point { x, y, positive }))
    }
}

impl TryFrom<RawEntry> for Entry {
    type Error = &'static str;

    fn try_from(raw: RawEntry) -> Result<Self, Self::Error> {
        if raw.edges.is_some_and(|edges| !is_box(&edges)) {
            return Err("a box is [x0, y0, x1, y1] with x0 < x1 and y0 < y1");
        }
        let points = raw.points.into_iter().map(|RawPoint(point)| Part::Point(point));
        let rest = [raw.edges.map(Part::Box), raw.mask.map(Part::Mask), raw.remove.then_some(Part::Remove)];
        let parts: Vec<Part> = points.chain(rest.into_iter().flatten()).collect();
        if parts.is_empty() {
            return Err("this prompt says nothing: give \"points\", \"box\", \"mask\" or \"remove\": true");
        }
        Ok(Self { frame: raw.frame, object: raw.object, parts })
    }
}

#[cfg(test)]
mod tests;

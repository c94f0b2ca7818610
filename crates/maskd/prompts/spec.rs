//! `ID@FRAME:KIND=VALUE`, the prompts of the command line.

use std::fmt;
use std::str::FromStr;

use maskd_types::{ObjectId, Point};

use super::{Origin, Part, Statement, is_box};

/// A prompt of the command line, checked for its syntax only.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    object: ObjectId,
    frame: u64,
    part: Part,
    text: String,
}

/// Why a text is no prompt.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SpecError {
    /// No `ID:` in front.
    #[error("a prompt reads ID@FRAME:KIND=VALUE, for example 1@0:point=320,180; there is no `:`")]
    NoColon,
    /// What stands where the object's id belongs.
    #[error("`{0}` is no object id; ids are whole numbers from 1 up")]
    Object(String),
    /// What stands where the frame's number belongs.
    #[error("`{0}` is no frame number; frames are counted from 0")]
    Frame(String),
    /// What follows the colon.
    #[error("`{0}` is none of point=X,Y | point=X,Y,- | box=X0,Y0,X1,Y1 | mask=FILE.png")]
    Kind(String),
    /// A number that is none.
    #[error("`{0}` is no coordinate; coordinates are numbers in source pixels")]
    Coordinate(String),
    /// A point of the wrong form.
    #[error("`{0}` is no point; a point is X,Y or, to say \"not here\", X,Y,-")]
    Point(String),
    /// A box of the wrong form.
    #[error("`{0}` is no box; a box is X0,Y0,X1,Y1 with X0 < X1 and Y0 < Y1")]
    Box(String),
    /// `mask=` with nothing behind it.
    #[error("`mask=` names no file; give a PNG of the frame's size")]
    NoMask,
}

impl From<Spec> for Statement {
    fn from(spec: Spec) -> Self {
        Self { object: spec.object, frame: spec.frame, part: spec.part, origin: Origin::Flag(spec.text.into()) }
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Spec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let (target, what) = text.split_once(':').ok_or(SpecError::NoColon)?;
        let (object, frame) = match target.split_once('@') {
            Some((object, frame)) => (object, number(frame).ok_or(SpecError::Frame(frame.into()))?),
            None => (target, 0),
        };
        let id = number(object).and_then(ObjectId::new);
        Ok(Self { object: id.ok_or(SpecError::Object(object.into()))?, frame, part: part(what)?, text: text.into() })
    }
}

/// A whole number of digits only (`parse` alone would also take `+1`).
fn number<T: FromStr>(text: &str) -> Option<T> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

fn part(what: &str) -> Result<Part, SpecError> {
    match what.split_once('=') {
        Some(("point", value)) => point(value).map(Part::Point),
        Some(("box", value)) => edges(value).map(Part::Box),
        Some(("mask", "")) => Err(SpecError::NoMask),
        Some(("mask", file)) => Ok(Part::Mask(file.into())),
        _ => Err(SpecError::Kind(what.into())),
    }
}

fn point(value: &str) -> Result<Point, SpecError> {
    let (place, positive) = match value.strip_suffix(",-") {
        Some(place) => (place, false),
        None => (value, true),
    };
    let [x, y] = coordinates(place)?.ok_or_else(|| SpecError::Point(value.into()))?;
    Ok(Point { x, y, positive })
}

fn edges(value: &str) -> Result<[f32; 4], SpecError> {
    let edges = coordinates(value)?.filter(is_box);
    edges.ok_or_else(|| SpecError::Box(value.into()))
}

/// `None` where the number of coordinates is not `N`.
fn coordinates<const N: usize>(text: &str) -> Result<Option<[f32; N]>, SpecError> {
    let numbers: Result<Vec<f32>, _> = text.split(',').map(coordinate).collect();
    Ok(numbers?.try_into().ok())
}

fn coordinate(text: &str) -> Result<f32, SpecError> {
    let number = text.parse().ok().filter(|number: &f32| number.is_finite());
    number.ok_or_else(|| SpecError::Coordinate(text.into()))
}

#[cfg(test)]
mod tests;

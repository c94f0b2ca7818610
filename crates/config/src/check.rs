//! Whether a written value is one that its key accepts, and what it then is.

use toml::Value;

use crate::document::{Data, Node};
use crate::finding::Place;
use crate::schema::{COORDINATE_LIMIT, Format, Kind, Shown};
use crate::values::parse_bytes;

/// A value, or a part of one, that is not accepted.
pub(crate) struct Rejected {
    pub place: Place,
    pub found: String,
}

/// The value in the one form that the types expect: seconds and coordinates as floats, sizes as bytes.
pub(crate) fn check(kind: &Kind, node: &Node) -> Result<Value, Rejected> {
    let value = match kind {
        Kind::Bool => boolean(node),
        Kind::Integer { least, most, step } => integer(node, *least, *most, *step),
        Kind::Number { least, most } => number(node, *least, *most).map(Value::Float),
        Kind::Bytes { least } => return bytes(node, *least),
        Kind::Word(words) => word(node, words),
        Kind::Words(words) => return different(node, |item| word(item, words).ok_or_else(|| reject(item))),
        Kind::Text(format) => return text(node, format),
        Kind::Texts(format) => return different(node, |item| text(item, format)),
        Kind::Points => return list(node)?.iter().map(point).collect::<Result<_, _>>().map(Value::Array),
        Kind::Edges => return edges(node),
    };
    value.ok_or_else(|| reject(node))
}

fn reject(node: &Node) -> Rejected {
    Rejected { place: node.place.clone(), found: node.describe() }
}

fn boolean(node: &Node) -> Option<Value> {
    match node.data {
        Data::Bool(value) => Some(Value::Boolean(value)),
        _ => None,
    }
}

fn integer(node: &Node, least: i64, most: i64, step: i64) -> Option<Value> {
    match node.data {
        Data::Integer(number) if (least..=most).contains(&number) && number % step == 0 => Some(Value::Integer(number)),
        _ => None,
    }
}

fn number(node: &Node, least: f64, most: f64) -> Option<f64> {
    let number = match node.data {
        // Far larger than any limit before it loses precision.
        Data::Integer(number) => number as f64,
        Data::Number(number) => number,
        _ => return None,
    };
    (least..=most).contains(&number).then_some(number)
}

fn bytes(node: &Node, least: i64) -> Result<Value, Rejected> {
    let size = match &node.data {
        Data::Integer(number) => Some(*number),
        Data::Text(text) => parse_bytes(text).ok().and_then(|size| i64::try_from(size).ok()),
        _ => None,
    };
    size.filter(|size| *size >= least).map(Value::Integer).ok_or_else(|| reject(node))
}

fn word(node: &Node, words: &[&str]) -> Option<Value> {
    match &node.data {
        Data::Text(text) if words.contains(&text.as_str()) => Some(Value::String(text.clone())),
        _ => None,
    }
}

fn text(node: &Node, format: &Format) -> Result<Value, Rejected> {
    let found = match format.shown {
        Shown::Whole => node.describe(),
        Shown::Guarded => node.describe_guarded(),
        Shown::Never => "something else, which is not repeated here".into(),
    };
    let place = node.place.clone();
    let Data::Text(text) = &node.data else { return Err(Rejected { place, found }) };
    match (format.check)(text) {
        Ok(()) => Ok(Value::String(text.clone())),
        Err(None) => Err(Rejected { place, found }),
        Err(Some(reason)) => Err(Rejected { place, found: format!("{found} ({reason})") }),
    }
}

/// A list in which no value stands twice.
fn different(node: &Node, one: impl Fn(&Node) -> Result<Value, Rejected>) -> Result<Value, Rejected> {
    let mut values: Vec<Value> = Vec::new();
    for item in list(node)? {
        let value = one(item)?;
        if values.contains(&value) {
            let found = format!("{} for the second time", item.describe());
            return Err(Rejected { place: item.place.clone(), found });
        }
        values.push(value);
    }
    Ok(Value::Array(values))
}

fn list(node: &Node) -> Result<&[Node], Rejected> {
    match &node.data {
        Data::List(items) => Ok(items),
        _ => Err(reject(node)),
    }
}

/// All numbers of a list of coordinates.
fn coordinates(node: &Node) -> Result<Vec<f64>, Rejected> {
    let one = |item: &Node| number(item, -COORDINATE_LIMIT, COORDINATE_LIMIT).ok_or_else(|| reject(item));
    list(node)?.iter().map(one).collect()
}

fn point(node: &Node) -> Result<Value, Rejected> {
    match coordinates(node)?.as_slice() {
        [x, y, label] if *label == 0.0 || *label == 1.0 => Ok(floats(&[*x, *y, *label])),
        other => Err(Rejected { place: node.place.clone(), found: format!("{other:?}") }),
    }
}

fn edges(node: &Node) -> Result<Value, Rejected> {
    match coordinates(node)?.as_slice() {
        [x0, y0, x1, y1] if narrow(*x0) < narrow(*x1) && narrow(*y0) < narrow(*y1) => Ok(floats(&[*x0, *y0, *x1, *y1])),
        other => Err(Rejected { place: node.place.clone(), found: format!("{other:?}") }),
    }
}

/// Coordinates are kept in single precision: a box must not lose its width there.
fn narrow(number: f64) -> f32 {
    number as f32
}

fn floats(numbers: &[f64]) -> Value {
    Value::Array(numbers.iter().map(|number| Value::Float(*number)).collect())
}

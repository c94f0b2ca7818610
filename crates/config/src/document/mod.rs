//! What was written, before anything is known of its meaning: values with the place each of them stands at.

mod lines;
mod overrides;
mod parse;

use std::collections::BTreeMap;

use crate::finding::Place;

pub(crate) use lines::Lines;
pub(crate) use overrides::apply as apply_overrides;
pub(crate) use parse::{document, variable};

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub place: Place,
    pub data: Data,
}

#[derive(Clone, Debug)]
pub(crate) enum Data {
    Text(String),
    Integer(i64),
    Number(f64),
    Bool(bool),
    /// What no key takes: dates, and numbers that are too large.
    Other(String),
    List(Vec<Node>),
    Table(Table),
}

/// Values by key, each with the place of its key.
pub(crate) type Table = BTreeMap<String, (Place, Node)>;

/// Longest text that is repeated in a message.
const SHOWN: usize = 80;

impl Node {
    /// What is there, in words.
    pub fn describe(&self) -> String {
        match &self.data {
            Data::Text(text) => quote(text),
            Data::Integer(number) => number.to_string(),
            Data::Number(number) => format!("{number:?}"),
            Data::Bool(value) => value.to_string(),
            Data::Other(text) => shorten(text),
            Data::List(items) if items.is_empty() => "an empty list".into(),
            Data::List(items) => format!("a list of {}", items.len()),
            Data::Table(_) => "a table".into(),
        }
    }

    /// The same for a value that may hold a secret: texts are not repeated.
    pub fn describe_guarded(&self) -> String {
        match &self.data {
            Data::Text(text) if text.contains(['@', '?']) || names_password(text) => {
                "a text that may hold a secret".into()
            }
            _ => self.describe(),
        }
    }
}

fn names_password(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.contains("pass") || lower.contains("pwd")
}

/// In double quotes, with what cannot be seen escaped.
pub(crate) fn quote(text: &str) -> String {
    format!("{:?}", shorten(text))
}

/// A key as part of a path in a message: as it is, unless it would tear the line apart.
pub(crate) fn plain(key: &str) -> String {
    if key.chars().any(char::is_control) { quote(key) } else { shorten(key) }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

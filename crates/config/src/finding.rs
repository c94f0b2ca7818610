use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Where something was said.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In the file.
    File {
        /// Counted from 1.
        line: usize,
        /// In characters, counted from 1.
        column: usize,
    },
    /// Nowhere in the file; the file as a whole.
    Document,
    /// In an environment variable.
    Variable(String),
}

/// A place together with the file it may be in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The configuration file.
    pub file: Arc<Path>,
    /// Where in it, or beside it.
    pub place: Place,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::File { line, column } => write!(f, "{}:{line}:{column}", self.file.display()),
            Place::Document => self.file.display().fmt(f),
            Place::Variable(name) => write!(f, "environment:{}", name.escape_debug()),
        }
    }
}

/// Something that cannot stay as it is. Prints as `file:line:column: key: found X, accepted Y`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub location: Location,
    /// Which key, by names where there are some: `stream.yard.source`.
    pub key: String,
    /// What is there.
    pub found: String,
    /// What may be there.
    pub accepted: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { location, key, found, accepted } = self;
        write!(f, "{location}: ")?;
        if !key.is_empty() {
            write!(f, "{key}: ")?;
        }
        write!(f, "found {found}, accepted {accepted}")
    }
}

/// Something that works and is probably not what was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Where.
    pub location: Location,
    /// Which key.
    pub key: String,
    /// What is doubtful, and what would be better.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { location, key, message } = self;
        write!(f, "{location}: warning: ")?;
        if !key.is_empty() {
            write!(f, "{key}: ")?;
        }
        f.write_str(message)
    }
}

//! What the user said about objects: from the command line and from prompts files to a checked schedule of actions.
//!
//! `spec` and `file` only read; `plan` joins what they read and finds contradictions without looking at the input;
//! `schedule` holds the plan against the input and loads masks.

mod error;
mod file;
mod plan;
mod schedule;
mod spec;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use maskd_types::{ObjectId, Point};

use crate::cli::PromptArgs;

pub use error::PromptError;
pub use plan::Plan;
pub use schedule::Schedule;
pub use spec::Spec;

/// One thing said about an object on a frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// A click.
    Point(Point),
    /// Edges `[x0, y0, x1, y1]`, finite and with something in between.
    Box([f32; 4]),
    /// A PNG with the object's mask.
    Mask(PathBuf),
    /// The object is not to be tracked any longer.
    Remove,
}

/// Where a statement was made, so that an error can name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The text after `--prompt`.
    Flag(Arc<str>),
    /// An entry of a prompts file, counted from 1.
    Entry {
        /// The prompts file.
        file: Arc<Path>,
        /// Which entry, from 1.
        number: usize,
    },
    /// The ground truth of a rendered scene.
    Scene,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(text) => write!(f, "`--prompt {text}`"),
            Self::Entry { file, number } => write!(f, "entry {number} of {}", file.display()),
            Self::Scene => f.write_str("the scene's ground truth"),
        }
    }
}

/// A [`Part`] with all that belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Who it is about.
    pub object: ObjectId,
    /// Number of the frame, from 0.
    pub frame: u64,
    /// What was said.
    pub part: Part,
    /// Where it was said.
    pub origin: Origin,
}

/// Reads all that the command line says, here and in the prompts file.
///
/// # Errors
/// Where the prompts file cannot be read.
pub fn given(arguments: &PromptArgs) -> Result<Vec<Statement>, PromptError> {
    let mut statements = match &arguments.file {
        Some(file) => file::read(file)?,
        None => Vec::new(),
    };
    statements.extend(arguments.specs.iter().cloned().map(Statement::from));
    Ok(statements)
}

/// Whether edges enclose anything: finite, `x0 < x1` and `y0 < y1`.
fn is_box(edges: &[f32; 4]) -> bool {
    let [x0, y0, x1, y1] = edges;
    edges.iter().all(|edge| edge.is_finite()) && x0 < x1 && y0 < y1
}

//! Where files may lie.

use std::path::{Component, Path, PathBuf};

use super::PolicyError;

/// Whether a path leads to something under one of the folders, wherever links in it lead.
pub(super) fn check(path: &Path, roots: &[PathBuf]) -> Result<(), PolicyError> {
    if !path.is_absolute() {
        return Err(PolicyError::Relative { path: path.to_owned() });
    }
    match path.canonicalize() {
        Ok(real) if lies_under(&real, roots) => Ok(()),
        Err(source) if would_lie_under(path, roots) => Err(PolicyError::Missing { path: path.to_owned(), source }),
        // The same for what is there and what is not, so that nobody can ask what there is.
        _ => Err(PolicyError::Outside { path: path.to_owned() }),
    }
}

/// `real` has no links in it. Folders are looked up each time: one may be mounted later.
fn lies_under(real: &Path, roots: &[PathBuf]) -> bool {
    roots.iter().filter_map(|root| root.canonicalize().ok()).any(|root| real.starts_with(root))
}

/// Whether the nearest folder above it that is there lies under one of the folders.
fn would_lie_under(path: &Path, roots: &[PathBuf]) -> bool {
    let turns_back = path.components().any(|part| part == Component::ParentDir);
    let there = path.ancestors().find_map(|above| above.canonicalize().ok());
    !turns_back && there.is_some_and(|there| lies_under(&there, roots))
}

use std::collections::BTreeMap;
use std::fs::{DirEntry, read_dir};
use std::path::{Path, PathBuf};

use crate::EvalError;

/// Names of the folders in a folder.
pub(super) fn folders(path: &Path) -> Result<Vec<String>, EvalError> {
    let folders = entries(path)?.into_iter().filter(|entry| entry.path().is_dir());
    Ok(folders.filter_map(|entry| entry.file_name().into_string().ok()).collect())
}

/// Files with one of these extensions by the number that is their name.
pub(super) fn numbered(path: &Path, extensions: &[&str]) -> Result<BTreeMap<u64, PathBuf>, EvalError> {
    let wanted = |path: &PathBuf| {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        extensions.iter().any(|wanted| wanted.eq_ignore_ascii_case(extension))
    };
    let files = entries(path)?.into_iter().map(|entry| entry.path()).filter(wanted);
    files.map(|path| Ok((number(&path)?, path))).collect()
}

fn number(path: &Path) -> Result<u64, EvalError> {
    let name = path.file_stem().and_then(|name| name.to_str());
    name.and_then(|name| name.parse().ok()).ok_or_else(|| EvalError::Name { path: path.into() })
}

fn entries(path: &Path) -> Result<Vec<DirEntry>, EvalError> {
    let listed = read_dir(path).and_then(Iterator::collect);
    listed.map_err(|source| EvalError::Folder { path: path.into(), source })
}

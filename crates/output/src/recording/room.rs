use std::path::Path;

use crate::OutputError;

/// What must be free beyond the reserve before a recording begins, so that it does not end at once.
const BEGINNING: u64 = 1 << 20;

/// Whether there is room to begin.
pub(super) fn to_begin(directory: &Path, reserve: u64) -> Result<(), OutputError> {
    check(directory, reserve.saturating_add(BEGINNING))
}

/// Whether there is room to go on.
pub(super) fn to_go_on(directory: &Path, reserve: u64) -> Result<(), OutputError> {
    check(directory, reserve)
}

fn check(directory: &Path, needed: u64) -> Result<(), OutputError> {
    let path = || directory.to_owned();
    let found =
        rustix::fs::statvfs(directory).map_err(|source| OutputError::Write { path: path(), source: source.into() })?;
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    if free < needed { Err(OutputError::NoRoom { path: path(), free, needed }) } else { Ok(()) }
}

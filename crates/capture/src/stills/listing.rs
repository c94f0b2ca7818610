use std::io;
use std::path::{Path, PathBuf};

use super::order::natural;
use crate::CaptureError;

/// The JPEG and PNG files of a folder in natural order of their stems.
///
/// Hidden files, folders and files with other extensions are passed over, as the reference loader does.
pub(super) fn pictures(folder: &Path) -> Result<Vec<PathBuf>, CaptureError> {
    let mut named =
        named_pictures(folder).map_err(|source| CaptureError::Unreadable { path: folder.to_owned(), source })?;
    named.sort_by(|(a, _), (b, _)| natural(a, b));
    for pair in named.windows(2) {
        if let [(a, first), (b, second)] = pair
            && same_frame(a, b)
        {
            return Err(CaptureError::SameFrame { first: first.clone(), second: second.clone() });
        }
    }
    Ok(named.into_iter().map(|(_, path)| path).collect())
}

fn named_pictures(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut named = Vec::new();
    for entry in folder.read_dir()? {
        let path = entry?.path();
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        if has_picture_extension(&path) && !stem.starts_with('.') && path.is_file() {
            named.push((stem, path));
        }
    }
    Ok(named)
}

fn has_picture_extension(path: &Path) -> bool {
    let extension = path.extension().map(|extension| extension.to_ascii_lowercase());
    extension.is_some_and(|extension| ["jpg", "jpeg", "png"].iter().any(|known| extension == *known))
}

/// `7.jpg` and `00007.png` in one folder are a mistake, mostly masks beside frames.
fn same_frame(a: &str, b: &str) -> bool {
    let digits = |stem: &str| !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_digit());
    a == b || digits(a) && digits(b) && a.trim_start_matches('0') == b.trim_start_matches('0')
}

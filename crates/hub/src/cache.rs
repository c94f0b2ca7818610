//! Where checkpoints are kept.

use crate::{HubError, OfficialModel};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The folder of fetched checkpoints: `$MASKD_MODELS`, else `$XDG_DATA_HOME/maskd/models`, else
/// `~/.local/share/maskd/models`. It need not exist.
///
/// # Errors
/// [`HubError::NoHome`] where none of the three variables is set.
pub fn cache_dir() -> Result<PathBuf, HubError> {
    cache_dir_of(|name| std::env::var_os(name))
}

fn cache_dir_of(variable: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, HubError> {
    let folder = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(own) = folder("MASKD_MODELS") {
        return Ok(own);
    }
    // The XDG specification has relative values ignored.
    let data = folder("XDG_DATA_HOME").filter(|path| path.is_absolute());
    let data = data.or_else(|| folder("HOME").map(|home| home.join(".local/share")));
    data.map(|data| data.join("maskd/models")).ok_or(HubError::NoHome)
}

/// Where a model is once it was fetched.
///
/// # Errors
/// As [`cache_dir`].
pub fn path_of(model: &OfficialModel) -> Result<PathBuf, HubError> {
    Ok(cache_dir()?.join(model.file))
}

/// The file of a model, if it was fetched.
pub fn on_disk(model: &OfficialModel) -> Option<PathBuf> {
    on_disk_in(&cache_dir().ok()?, model)
}

/// The file of a model in a folder. Only its length is looked at: its hash was, before it got its name.
pub fn on_disk_in(dir: &Path, model: &OfficialModel) -> Option<PathBuf> {
    let path = dir.join(model.file);
    let metadata = std::fs::metadata(&path).ok()?;
    (metadata.is_file() && metadata.len() == model.bytes).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Option<PathBuf> {
        let get = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value));
        cache_dir_of(get).ok()
    }

    #[test]
    fn the_most_particular_variable_wins() {
        let all = [("HOME", "/h"), ("XDG_DATA_HOME", "/x"), ("MASKD_MODELS", "/m")];
        assert_eq!(with(&all), Some("/m".into()));
        assert_eq!(with(&all[..2]), Some("/x/maskd/models".into()));
        assert_eq!(with(&all[..1]), Some("/h/.local/share/maskd/models".into()));
        assert_eq!(with(&[("HOME", "/h"), ("XDG_DATA_HOME", "x"), ("MASKD_MODELS", "")]), with(&all[..1]));
        assert_eq!(with(&[]), None);
    }

    #[test]
    fn a_file_of_another_length_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let model = OfficialModel { bytes: 3, ..crate::MODELS[0].clone() };
        assert_eq!(on_disk_in(folder.path(), &model), None);
        std::fs::write(folder.path().join(model.file), "ab").unwrap();
        assert_eq!(on_disk_in(folder.path(), &model), None);
        std::fs::write(folder.path().join(model.file), "abc").unwrap();
        assert_eq!(on_disk_in(folder.path(), &model), Some(folder.path().join(model.file)));
    }
}

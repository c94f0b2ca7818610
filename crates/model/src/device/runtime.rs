use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::UNIX_EPOCH;

use cubecl_common::config::RuntimeConfig;
use cubecl_runtime::config::CubeClRuntimeConfig;
use cubecl_runtime::config::cache::CacheConfig;

use super::health;

/// Sets CubeCL up, once per process and before its first use.
///
/// Left alone it would look for a configuration in every directory above the current one, and stop the program over a malformed
/// one; and it would keep what it compiled in a place that depends on where the program was started. That holds for one device,
/// one driver and one build only, so all of them are part of the directory's name; `device` names the first two.
pub(super) fn prepare(device: &str) {
    static DONE: OnceLock<()> = OnceLock::new();
    DONE.get_or_init(|| {
        health::watch();
        let mut config = CubeClRuntimeConfig::default();
        let directory = cache_directory(device);
        // CubeCL stops its thread over a kernel that it cannot keep, so it is told to keep none where that is foreseeable.
        if writable(&directory) {
            config.compilation.cache = Some(CacheConfig::File(directory));
        }
        CubeClRuntimeConfig::set(config);
    });
}

fn cache_directory(device: &str) -> PathBuf {
    let root = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .unwrap_or_else(std::env::temp_dir);
    let device: String = device.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    root.join("maskd").join(device).join(build())
}

/// Tells builds of this program apart: its version, and size and date of its file.
fn build() -> String {
    let file = std::env::current_exe().and_then(std::fs::metadata).ok();
    let date = file.as_ref().and_then(|file| file.modified().ok()?.duration_since(UNIX_EPOCH).ok());
    let (size, date) = (file.map_or(0, |file| file.len()), date.map_or(0, |date| date.as_nanos()));
    format!("{}-{size:x}-{date:x}", env!("CARGO_PKG_VERSION"))
}

fn writable(directory: &Path) -> bool {
    let probe = directory.join("writable");
    std::fs::create_dir_all(directory).and_then(|()| std::fs::write(&probe, [])).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_and_builds_have_places_of_their_own() {
        let [a, b] = ["cuda NVIDIA H100 sm_90", "cuda NVIDIA H100 sm_80"].map(cache_directory);
        assert_ne!(a, b);
        assert!(a.ends_with(build()) && build().starts_with(env!("CARGO_PKG_VERSION")));
    }

    #[test]
    fn a_place_that_cannot_be_written_is_noticed() {
        let place = tempfile::tempdir().unwrap();
        assert!(writable(&place.path().join("new")));
        std::fs::write(place.path().join("file"), []).unwrap();
        assert!(!writable(&place.path().join("file/below")));
    }
}

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cubecl_common::config::RuntimeConfig;
use cubecl_runtime::config::CubeClRuntimeConfig;
use cubecl_runtime::config::cache::CacheConfig;
use sha2::{Digest, Sha256};

use super::health;

/// Sets CubeCL up, once per process and before its first use.
///
/// Left alone it would look for a configuration in every directory above the current one, and stop the program over a malformed
/// one; and it would keep what it measured in a place that depends on where the program was started, and compile every kernel again in
/// every process. What it keeps it finds again by names alone, which hold for one device, one driver and one build only: all of them
/// are part of the directory's name; `device` names the first two.
pub(super) fn prepare(device: &str) {
    static DONE: OnceLock<()> = OnceLock::new();
    DONE.get_or_init(|| {
        health::watch();
        let mut config = CubeClRuntimeConfig::default();
        let directory = cache_directory(device);
        // CubeCL stops its thread over a kernel that it cannot keep, so it is told to keep none where that is foreseeable.
        if writable(&directory) {
            config.compilation.cache = Some(CacheConfig::File(directory.clone()));
            config.autotune.cache = CacheConfig::File(directory);
        } else {
            // It insists on a place for measurements.
            config.autotune.cache = CacheConfig::File(std::env::temp_dir().join("maskd"));
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

/// Tells builds of this program apart: its version, and the begin of the SHA-256 of its file. That takes a tenth of a second; a date
/// would not, but changes whenever the same program is unpacked again, and with it all would be compiled again.
fn build() -> String {
    let digest = std::env::current_exe().and_then(fs::read).map(Sha256::digest);
    let digest: String = digest.iter().flatten().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{digest}", env!("CARGO_PKG_VERSION"))
}

/// Whether files can be written there.
fn writable(directory: &Path) -> bool {
    let probe = directory.join(format!(".probe-{}", std::process::id()));
    // More than nothing: a full disk takes empty files.
    let written = fs::create_dir_all(directory).and_then(|()| fs::write(&probe, [0; 4096]));
    written.and_then(|()| fs::remove_file(&probe)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_and_builds_have_places_of_their_own() {
        let [a, b] = ["cuda NVIDIA H100 sm_90", "cuda NVIDIA H100 sm_80"].map(cache_directory);
        assert_ne!(a, b);
        assert!(a.ends_with(build()) && build().starts_with(env!("CARGO_PKG_VERSION")));
        assert_eq!(build().len(), env!("CARGO_PKG_VERSION").len() + 1 + 16);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_noticed() {
        let place = tempfile::tempdir().unwrap();
        assert!(writable(&place.path().join("new")));
        assert_eq!(fs::read_dir(place.path().join("new")).unwrap().count(), 0);
        fs::write(place.path().join("file"), []).unwrap();
        assert!(!writable(&place.path().join("file/below")));
    }
}

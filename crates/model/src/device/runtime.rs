use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cubecl_common::config::RuntimeConfig;
use cubecl_runtime::config::CubeClRuntimeConfig;
use cubecl_runtime::config::autotune::AutotuneLogLevel;
use cubecl_runtime::config::cache::CacheConfig;
use sha2::{Digest, Sha256};

use super::health;

/// Path of a file that CubeCL writes every choice of its tuner to.
const LOG_VARIABLE: &str = "MASKD_TUNER_LOG";

/// Sets CubeCL up, once per process and before its first use.
///
/// Left alone it would look for a configuration in every directory above the current one, and stop the program over a malformed
/// one; and it would keep what it measured in a place that depends on where the program was started, and compile every kernel again in
/// every process. CubeCL finds kernels and measurements again by names alone, so they go to a directory
/// for one kind of device and one build of this program.
pub(super) fn prepare(kind: &str, device_name: &str) {
    static DONE: OnceLock<()> = OnceLock::new();
    DONE.get_or_init(|| {
        health::watch();
        let mut config = CubeClRuntimeConfig::default();
        let directory = cache_directory(kind, device_name);
        if usable(&directory) {
            config.compilation.cache = Some(CacheConfig::File(directory.clone()));
            config.autotune.cache = CacheConfig::File(directory);
        } else {
            // It insists on a place for measurements; where nothing can be written it goes on without.
            config.autotune.cache = CacheConfig::File(std::env::temp_dir().join("maskd"));
        }
        if let Some(path) = std::env::var_os(LOG_VARIABLE) {
            config.autotune.logger.file = Some(path.into());
            config.autotune.logger.level = AutotuneLogLevel::Full;
        }
        CubeClRuntimeConfig::set(config);
    });
}

fn cache_directory(kind: &str, device_name: &str) -> PathBuf {
    let root = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .unwrap_or_else(std::env::temp_dir);
    let device: String = device_name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    root.join("maskd").join(format!("{kind}-{device}-{}", build()))
}

/// Tells builds of this program apart: the begin of the SHA-256 of its file.
fn build() -> String {
    let program = std::env::current_exe().and_then(fs::read);
    match program {
        Ok(bytes) => Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect(),
        Err(_) => env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// Whether files can be written there. CubeCL panics where one cannot.
fn usable(directory: &Path) -> bool {
    let probe = directory.join(format!(".probe-{}", std::process::id()));
    let written = fs::create_dir_all(directory).and_then(|()| fs::write(&probe, [0; 4096]));
    written.and_then(|()| fs::remove_file(&probe)).is_ok()
}

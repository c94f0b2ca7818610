use std::path::PathBuf;
use std::sync::OnceLock;

use cubecl_common::config::RuntimeConfig;
use cubecl_runtime::config::CubeClRuntimeConfig;
use cubecl_runtime::config::cache::CacheConfig;

use super::health;

/// Sets CubeCL up, once per process and before its first use.
///
/// Left alone it would look for a configuration in every directory above the current one, and stop the program over a malformed
/// one; and it would keep what it measured in a place that depends on where the program was started. The measurements
/// hold for one kind of device and one build only, so both are part of the directory's name.
pub(super) fn prepare(kind: &str, device_name: &str) {
    static DONE: OnceLock<()> = OnceLock::new();
    DONE.get_or_init(|| {
        health::watch();
        let mut config = CubeClRuntimeConfig::default();
        config.autotune.cache = CacheConfig::File(cache_directory(kind, device_name));
        CubeClRuntimeConfig::set(config);
    });
}

fn cache_directory(kind: &str, device_name: &str) -> PathBuf {
    let root = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .unwrap_or_else(std::env::temp_dir);
    let device: String = device_name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    root.join("maskd").join(format!("{kind}-{device}-{}", env!("CARGO_PKG_VERSION")))
}

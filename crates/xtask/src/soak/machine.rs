//! What it ran on, for whoever reads the numbers later.

use std::fs;

/// System, cores and processor, as far as the system says.
pub fn description() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let system = value("/etc/os-release", "PRETTY_NAME", '=').unwrap_or_else(|| std::env::consts::OS.to_owned());
    let processor = value("/proc/cpuinfo", "model name", ':').unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    format!("{system}, {cores} cores ({processor})")
}

/// How many programs have wanted a core in the last minute.
pub fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

/// The value of the first line that begins with a name.
fn value(path: &str, name: &str, equals: char) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let (_, value) = text.lines().find(|line| line.starts_with(name))?.split_once(equals)?;
    Some(value.trim().trim_matches('"').to_owned())
}

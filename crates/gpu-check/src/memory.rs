//! Memory of this process.

/// MiB of main memory that this process holds, where the system says so.
pub fn resident_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    resident_of(&status)
}

/// The line is `VmRSS:     1234 kB`.
fn resident_of(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some((kib / 102.4).round() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_is_in_mib() {
        assert_eq!(resident_of("Name:\tx\nVmRSS:\t   10240 kB\nThreads:\t1\n"), Some(10.0));
        assert_eq!(resident_of("Name:\tx\n"), None);
    }
}

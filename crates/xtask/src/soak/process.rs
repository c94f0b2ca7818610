//! What the kernel says of a process.

use std::fs;
use std::path::Path;

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process};

/// What a process holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Holdings {
    /// Resident memory in MiB.
    pub memory: f64,
    /// The most resident memory so far, in MiB.
    pub peak: f64,
    /// Open descriptors.
    pub descriptors: f64,
    /// Threads.
    pub threads: f64,
}

impl Holdings {
    /// Of a process that runs.
    pub fn of(process: u32) -> anyhow::Result<Self> {
        let folder = Path::new("/proc").join(process.to_string());
        let status = fs::read_to_string(folder.join("status")).context("the process has ended")?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let value = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
            value.with_context(|| format!("/proc has no {name} for process {process}"))
        };
        let descriptors = fs::read_dir(folder.join("fd")).context("its descriptors cannot be read")?.count() as f64;
        let [memory, peak] = [field("VmRSS:")? / 1024.0, field("VmHWM:")? / 1024.0];
        Ok(Self { memory, peak, descriptors, threads: field("Threads:")? })
    }
}

/// Sends a signal to a child that has not been waited for, so that its number is still its own.
pub fn signal(child: &std::process::Child, signal: Signal) -> anyhow::Result<()> {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).context("it has no number")?;
    kill_process(pid, signal).with_context(|| format!("process {} takes no signal", child.id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_very_process_holds_something() {
        let before = Holdings::of(std::process::id()).unwrap();
        assert!(before.memory > 0.1 && before.threads >= 1.0 && before.descriptors >= 3.0, "{before:?}");
        assert!(Holdings::of(u32::MAX).is_err());
    }
}

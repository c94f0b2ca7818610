//! The daemon as a process.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use rustix::process::Signal;

use super::process::{Holdings, signal};
use super::settings::Settings;

/// How long it may take to end: 5 seconds for its sinks, and the rest for a machine that is busy.
const END: Duration = Duration::from_secs(15);

/// `maskd run`; dropping it kills it.
pub struct Daemon {
    child: Child,
}

impl Daemon {
    /// Starts it; what it says goes into `log`.
    pub fn start(binary: &Path, settings: &Settings, log: &Path) -> anyhow::Result<Self> {
        fs::write(settings.file(), settings.toml())?;
        let log = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let mut command = Command::new(binary);
        command.arg("run").arg(settings.file()).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        Ok(Self { child: command.spawn().context("cannot start maskd")? })
    }

    /// Has it go over to another configuration.
    pub fn reload(&self, settings: &Settings) -> anyhow::Result<()> {
        fs::write(settings.file(), settings.toml())?;
        signal(&self.child, Signal::HUP)
    }

    /// What it holds.
    ///
    /// # Errors
    /// Where it has ended, with how.
    pub fn holdings(&mut self) -> anyhow::Result<Holdings> {
        if let Some(status) = self.child.try_wait()? {
            bail!("the daemon ended with {status}");
        }
        Holdings::of(self.child.id())
    }

    /// Asks it to end and waits until it has.
    pub fn stop(mut self) -> anyhow::Result<Duration> {
        let asked = Instant::now();
        signal(&self.child, Signal::TERM)?;
        while asked.elapsed() < END {
            if let Some(status) = self.child.try_wait()? {
                ensure!(status.success(), "the daemon was asked to end and did so with {status}");
                return Ok(asked.elapsed());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("the daemon was asked to end and is still there {} s later", END.as_secs())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill().and_then(|()| self.child.wait());
    }
}

//! A simulated camera in a process of its own.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use anyhow::{Context, bail};
use rustix::process::Signal;

use super::plan::Fault;
use super::process::signal;

/// How long a camera may take to start or to obey, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// Answers that may wait; each is taken before the next command is given.
const ANSWERS: usize = 8;

/// The program `camsim`, and the scene that it films.
pub struct Camera {
    program: PathBuf,
    seed: usize,
    port: u16,
    running: Running,
    /// Whether it may have another size or codec than at first.
    changed: bool,
}

struct Running {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
}

impl Camera {
    /// Starts one on a free port.
    pub fn start(program: &Path, seed: usize) -> anyhow::Result<Self> {
        let (running, port) = Running::start(program, seed, 0)?;
        Ok(Self { program: program.to_owned(), seed, port, running, changed: false })
    }

    /// Where it is watched, dead or alive.
    pub fn url(&self) -> String {
        format!("rtsp://127.0.0.1:{}/live", self.port)
    }

    /// Makes something go wrong.
    pub fn begin(&mut self, fault: Fault) -> anyhow::Result<()> {
        self.changed |= matches!(fault, Fault::Size(_) | Fault::Codec(_));
        match fault {
            Fault::Pause => return signal(&self.running.child, Signal::STOP),
            Fault::Kill => return self.running.kill(),
            Fault::Codec(_) => {
                self.running.obey(&fault.to_string())?;
                return self.running.obey("reset");
            }
            _ => {}
        }
        self.running.obey(&fault.to_string())
    }

    /// Puts right what lasts.
    pub fn end(&mut self, fault: Fault) -> anyhow::Result<()> {
        match fault {
            Fault::Freeze => self.running.obey("thaw"),
            Fault::Pause => signal(&self.running.child, Signal::CONT),
            Fault::Stop => self.running.obey("start"),
            Fault::Kill => {
                self.running = Running::start(&self.program, self.seed, self.port)?.0;
                self.changed = false;
                Ok(())
            }
            Fault::Clock(_) => self.running.obey("timestamps good"),
            Fault::Reset | Fault::Jump(_) | Fault::Size(_) | Fault::Codec(_) => Ok(()),
        }
    }

    /// Gives it the size and the codec that it had at first; whether it had others.
    pub fn restore(&mut self) -> anyhow::Result<bool> {
        let changed = std::mem::take(&mut self.changed);
        if changed {
            self.running.obey(&format!("size {}", super::settings::SIZE))?;
            self.begin(Fault::Codec(super::settings::CODEC))?;
            self.changed = false;
        }
        Ok(changed)
    }
}

impl Running {
    /// The process, and the port it listens on.
    fn start(program: &Path, seed: usize, port: u16) -> anyhow::Result<(Self, u16)> {
        let mut command = Command::new(program);
        command.args(["--size", super::settings::SIZE, "--fps", super::settings::FPS, "--key-interval", "10"]);
        command.args(["--codec", super::settings::CODEC]);
        command.args(["--seed", &seed.to_string(), "--port", &port.to_string()]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("cannot start camsim")?;
        let input = child.stdin.take().context("camsim has no input")?;
        let output = child.stdout.take().context("camsim has no output")?;
        let (sender, lines) = sync_channel(ANSWERS);
        std::thread::spawn(move || {
            BufReader::new(output).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let running = Self { child, input, lines };
        let url = running.line()?;
        let port = url.rsplit_once(':').and_then(|(_, rest)| rest.split('/').next()?.parse().ok());
        Ok((running, port.with_context(|| format!("camsim listens on {url:?}, where there is no port"))?))
    }

    fn obey(&mut self, line: &str) -> anyhow::Result<()> {
        writeln!(self.input, "{line}").context("the camera has ended")?;
        let answer = self.line().with_context(|| format!("after `{line}`"))?;
        if !answer.starts_with("ok") {
            bail!("the camera was told `{line}` and answers {answer:?}");
        }
        Ok(())
    }

    fn line(&self) -> anyhow::Result<String> {
        self.lines.recv_timeout(PATIENCE).context("the camera does not answer; its complaint is on standard error")
    }

    fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill().and_then(|()| self.child.wait()).context("the camera cannot be killed")?;
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.kill();
    }
}

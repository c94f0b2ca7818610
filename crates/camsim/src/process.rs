use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::CamsimError;

/// A camera in a process of its own, which can be stopped and killed as no thread can. Dropping it kills it.
pub struct CameraProcess {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    url: String,
}

impl CameraProcess {
    /// Starts the program `camsim` with these arguments and waits until it listens.
    ///
    /// The program is looked for beside the running test's own folder, where cargo puts it. Where it is not, because only
    /// another package was built, cargo is asked to build it; one that is there is taken as it is.
    ///
    /// # Errors
    /// When there is no program or it does not start.
    pub fn start(arguments: &[&str]) -> Result<Self, CamsimError> {
        Self::run(program()?, arguments)
    }

    /// Starts the program at `path`.
    ///
    /// # Errors
    /// When it does not start.
    pub fn run(path: PathBuf, arguments: &[&str]) -> Result<Self, CamsimError> {
        let process = |reason: String| CamsimError::Process { reason };
        let mut command = Command::new(&path);
        let spawned = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = spawned.map_err(|error| process(format!("{}: {error}", path.display())))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(process("it has no standard streams".to_owned()));
        };
        let mut camera = Self { child, input, output: BufReader::new(output), url: String::new() };
        camera.url = camera.line()?;
        Ok(camera)
    }

    /// Address of the stream, with user and password if the process was started with them.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Gives a command of `camsim --help` and returns what it answers behind `ok`.
    ///
    /// # Errors
    /// When the command is refused or the process is gone.
    pub fn command(&mut self, line: &str) -> Result<String, CamsimError> {
        let sent = writeln!(self.input, "{line}");
        sent.map_err(|error| CamsimError::Process { reason: error.to_string() })?;
        let answer = self.line()?;
        match answer.strip_prefix("ok") {
            Some(rest) => Ok(rest.trim().to_owned()),
            None => Err(CamsimError::Process { reason: answer }),
        }
    }

    fn line(&mut self) -> Result<String, CamsimError> {
        let mut line = String::new();
        match self.output.read_line(&mut line) {
            Ok(length) if length > 0 => Ok(line.trim().to_owned()),
            _ => Err(CamsimError::Process { reason: "it has ended; its complaint is on standard error".to_owned() }),
        }
    }

    /// Stops the process as a whole (SIGSTOP): the kernel keeps its connections open, nobody serves them.
    ///
    /// # Errors
    /// When it is gone.
    pub fn pause(&self) -> Result<(), CamsimError> {
        self.signal(Signal::STOP)
    }

    /// Lets a stopped process go on (SIGCONT).
    ///
    /// # Errors
    /// When it is gone.
    pub fn resume(&self) -> Result<(), CamsimError> {
        self.signal(Signal::CONT)
    }

    /// Kills the process (SIGKILL) and waits for its end: the kernel closes its connections.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub fn kill(&mut self) -> Result<(), CamsimError> {
        let killed = self.child.kill().and_then(|()| self.child.wait());
        killed.map(drop).map_err(|error| CamsimError::Process { reason: error.to_string() })
    }

    fn signal(&self, signal: Signal) -> Result<(), CamsimError> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| CamsimError::Process { reason: "it has no number".to_owned() })?;
        // The child has not been waited for, so its number is still its own.
        kill_process(pid, signal).map_err(|error| CamsimError::Process { reason: error.to_string() })
    }
}

impl Drop for CameraProcess {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.kill();
    }
}

/// Where the program is: `<target>/<profile>/camsim`, seen from `<target>/<profile>/deps/<test>`.
fn program() -> Result<PathBuf, CamsimError> {
    let reason = |text: &str| CamsimError::Process { reason: text.to_owned() };
    let own = std::env::current_exe().map_err(|error| reason(&error.to_string()))?;
    let folder = own.parent().ok_or_else(|| reason("the own program has no folder"))?;
    let profile = if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder };
    let path = profile.join("camsim");
    if !path.exists() {
        build(profile).map_err(|text| CamsimError::Process { reason: text })?;
    }
    Ok(path)
}

/// Has cargo build the program into the folder of a profile.
fn build(profile: &Path) -> Result<(), String> {
    let target = profile.parent().ok_or("the folder of the profile has no parent")?;
    let name = match profile.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(name) => name,
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "-p", "maskd-camsim", "--bin", "camsim", "--profile", name, "--target-dir"]);
    command.arg(target).arg("--manifest-path").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
    let status = command.status().map_err(|error| format!("cargo does not run: {error}"))?;
    let failed = || "it cannot be built: run `cargo build -p maskd-camsim`".to_owned();
    status.success().then_some(()).ok_or_else(failed)
}

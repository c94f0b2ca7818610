//! Runs the program and looks at what it left behind.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use maskd_capture::CaptureOptions;
use serde_json::Value;
use tempfile::TempDir;

/// A small scene for which a run takes a second or two.
pub const SCENE: &str = "scene://?seed=7&objects=2&frames=12&size=192x128&fps=10";

/// A folder of its own for a test, and paths in it.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The path of a name in the folder.
    pub fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The same as text, for a command line.
    pub fn name(&self, name: &str) -> String {
        self.at(name).to_str().unwrap().to_owned()
    }

    /// Writes a file and gives its name.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        fs::write(self.at(name), content).unwrap();
        self.name(name)
    }

    /// Names of all that is in it, hidden files too.
    pub fn list(&self) -> Vec<String> {
        list(self.path())
    }
}

pub fn list(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// What a run did.
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// The lines of standard output as JSON.
    pub fn json_lines(&self) -> Vec<Value> {
        json_lines(&self.stdout)
    }

    /// Asserts that all of `words` are said, and one error with one piece of advice is told in the program's way.
    pub fn assert_error(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        for word in words {
            assert!(self.stderr.contains(word), "`{word}` is missing in: {}", self.stderr);
        }
        let starting = |start| self.stderr.lines().filter(|line| line.starts_with(start)).count();
        assert_eq!(starting("error: "), 1, "not one error: {}", self.stderr);
        assert_eq!(starting("help: "), 1, "not one advice: {}", self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        assert!(!self.stderr.contains("backtrace"), "{}", self.stderr);
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

pub fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The program with an environment that does not depend on the machine: no fetched models, a fixed width of help.
pub fn command<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_maskd"));
    command.args(arguments).env("MASKD_MODELS", "/nonexistent/models").env_remove("MASKD_MODELS_URL");
    command.env("COLUMNS", "100").env_remove("RUST_BACKTRACE").env_remove("MASKD_TAPS").stdin(Stdio::null());
    command
}

/// Runs the program to its end.
pub fn maskd(arguments: &[&str]) -> Run {
    command(arguments).output().unwrap().into()
}

/// `maskd track` on the processor at a size that is quick.
pub fn track(arguments: &[&str]) -> Run {
    let fixed = ["track", "--device", "cpu", "--image-size", "128"];
    maskd(&[&fixed, arguments].concat())
}

/// The same where nothing may go wrong.
pub fn track_well(arguments: &[&str]) -> Run {
    let run = track(arguments);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run
}

/// How many frames of a video play.
pub fn frames_of(video: &Path) -> usize {
    let mut source = maskd_capture::open(video.to_str().unwrap(), &CaptureOptions::default()).unwrap();
    let mut frames = 0;
    while source.next_frame().unwrap().is_some() {
        frames += 1;
    }
    frames
}

/// Says that something was not tested, where nobody can overlook it.
pub fn skipped(why: &str) {
    eprintln!("SKIPPED: {why}");
}

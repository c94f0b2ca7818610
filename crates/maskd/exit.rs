//! How a command ends when it does not end well: one message, one piece of advice, one exit code.

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

/// The exit codes that scripts rely on; 0 is "done".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Something failed while running.
    RunTime = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// A prompts file, or a file that a prompt names, cannot be used (`EX_CONFIG` of sysexits).
    Config = 78,
}

/// What an error type must know to be shown to a person.
pub trait Advice {
    /// The exit code it leads to.
    fn code(&self) -> Code;
    /// What to do about it, one sentence without a full stop.
    fn help(&self) -> String;
}

/// The end of a command that did not do all it was asked to.
#[derive(Debug)]
pub struct Failure {
    code: Code,
    error: anyhow::Error,
    help: String,
    /// Failures that came with this one, such as a second sink on the same full disk.
    others: Vec<Failure>,
}

impl Failure {
    /// A failure with advice that the error itself cannot give.
    pub fn new(code: Code, error: impl Into<anyhow::Error>, help: impl Into<String>) -> Self {
        Self { code, error: error.into(), help: help.into(), others: Vec::new() }
    }

    /// Joins failures of one run; the first one gives the exit code. `None` where there are none.
    pub fn all(failures: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut failures = failures.into_iter();
        let mut first = failures.next()?;
        first.others.extend(failures);
        Some(first)
    }

    /// Writes the whole story for a person and gives the exit code.
    pub fn report(&self, mut to: impl Write) -> ExitCode {
        for failure in std::iter::once(self).chain(&self.others) {
            // With standard error gone there is nobody left to tell.
            let _ = to.write_all(failure.text().as_bytes());
        }
        ExitCode::from(self.code as u8)
    }

    fn text(&self) -> String {
        format!("error: {}\nhelp: {}\n", chain(self.error.as_ref()), self.help)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&chain(self.error.as_ref()))
    }
}

impl<E: Error + Advice + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        let (code, help) = (error.code(), error.help());
        Self::new(code, error, help)
    }
}

/// The message and its causes as `a: b: c`; a cause whose words were already said is not said again.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let words = error.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer ({0})")]
    struct Outer(#[source] Inner);

    #[derive(Debug, thiserror::Error)]
    #[error("inner")]
    struct Inner(#[from] std::io::Error);

    fn outer() -> Outer {
        Outer(Inner(std::io::Error::other("deepest")))
    }

    #[test]
    fn causes_are_said_once() {
        assert_eq!(chain(&outer()), "outer (inner): deepest");
    }

    #[test]
    fn every_failure_is_reported_and_the_first_decides() {
        let first = Failure::new(Code::Config, outer(), "do this");
        let second = Failure::new(Code::RunTime, anyhow::anyhow!("other"), "do that");
        let mut text = Vec::new();
        let code = Failure::all([first, second]).unwrap().report(&mut text);
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "error: outer (inner): deepest\nhelp: do this\nerror: other\nhelp: do that\n"
        );
        assert_eq!(code, ExitCode::from(78));
    }
}

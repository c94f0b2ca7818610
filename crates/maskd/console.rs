//! What is told to the person at the terminal while things go well: on standard error, or not at all.

use std::fmt::Display;
use std::io::{IsTerminal, Write, stderr};

/// Where notes go.
#[derive(Clone, Copy, Debug)]
pub struct Console {
    quiet: bool,
}

impl Console {
    /// With `quiet` nothing is ever said.
    pub fn new(quiet: bool) -> Self {
        Self { quiet }
    }

    /// Whether nothing is to be said.
    pub fn is_quiet(self) -> bool {
        self.quiet
    }

    /// Whether a person watches, so that a line may be drawn over.
    pub fn is_terminal(self) -> bool {
        stderr().is_terminal()
    }

    /// Says one line.
    pub fn note(self, line: impl Display) {
        if !self.quiet {
            // A closed standard error must not end the run, as `eprintln!` would.
            let _ = writeln!(stderr().lock(), "{line}");
        }
    }
}

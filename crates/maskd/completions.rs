//! What other programs read: shell completions and the JSON Schema of configuration files.

use std::io::{Write, stdout};

use clap::CommandFactory;

use crate::cli::{Cli, CompletionsArgs};
use crate::exit::Failure;

/// Prints a shell's completions.
///
/// # Errors
/// None: a reader that has gone wants nothing.
pub fn run(arguments: &CompletionsArgs) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "maskd", &mut script);
    print(&script);
    Ok(())
}

/// Prints the schema.
///
/// # Errors
/// None: a reader that has gone wants nothing.
pub fn schema() -> Result<(), Failure> {
    print(format!("{:#}\n", maskd_config::json_schema()).as_bytes());
    Ok(())
}

fn print(bytes: &[u8]) {
    // Whoever closes the pipe has read enough.
    let _ = stdout().write_all(bytes);
}

//! `cargo xtask test`: all tests, on a machine that may lack what they need.

use std::process::{Command, ExitCode};

use crate::binary::run;
use crate::{system, workspace};

/// Which tests
#[derive(Debug, Default, clap::Args)]
pub struct Args {
    /// Passed on to `cargo test`, such as `-p maskd-tracker` or `-- --nocapture`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub cargo: Vec<String>,
}

/// Installs what is missing and runs the tests. They are built for release: the network is a hundred times slower without.
pub fn run_tests(args: &Args) -> anyhow::Result<ExitCode> {
    system::require_for_tests()?;
    let mut command = cargo();
    command.args(["test", "--release", "--locked"]);
    if args.cargo.is_empty() {
        command.arg("--workspace");
    }
    run(command.args(&args.cargo))?;
    Ok(ExitCode::SUCCESS)
}

/// Cargo, in the root of the repository.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace::root());
    command
}

//! `maskd`: click an object once, and every frame of the video carries its exact outline from then on.

mod check;
mod checkpoint;
mod cli;
mod completions;
mod console;
mod daemon;
mod doctor;
mod eval;
mod exit;
mod fetch;
mod input;
mod inspect;
mod models;
mod panics;
mod prompts;
mod segment;
mod signals;
mod threads;
mod track;

use std::io::stderr;
use std::process::ExitCode;

use clap::Parser;
use cli::{Cli, Command};
use exit::Failure;

fn main() -> ExitCode {
    panics::keep_quiet();
    let cli = Cli::parse();
    match panics::guard("maskd", || run(cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(stderr().lock()),
    }
}

fn run(command: Command) -> Result<(), Failure> {
    // Not for the daemon: what a burst of requests took is to be given back soon.
    if matches!(command, Command::Track(_) | Command::Eval(_)) {
        maskd_allocator::keep_buffers();
    }
    match command {
        Command::Track(arguments) => track::run(&arguments),
        Command::Segment(arguments) => segment::run(&arguments),
        Command::Eval(arguments) => eval::run(&arguments),
        Command::Run(arguments) => daemon::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Doctor => doctor::run(),
        Command::Schema => completions::schema(),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Models(arguments) => models::run(&arguments),
        Command::Fetch(arguments) => fetch::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
    }
}

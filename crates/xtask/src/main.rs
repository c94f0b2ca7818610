//! `cargo xtask`: the tasks of this project that are more than one cargo command.

mod bench;
mod binary;
mod parity;
mod pictures;
mod prompts;
mod python;
mod tensors;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Tasks of the project
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Compare maskd with the official SAM 2 predictor, frame by frame
    Parity(parity::Args),
    /// Time maskd and the official SAM 2 predictor in turn, or watch the memory of a long run
    Bench(bench::Args),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().task {
        Task::Parity(args) => parity::run(&args),
        Task::Bench(args) => bench::run(&args),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

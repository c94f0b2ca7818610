//! `cargo xtask`: the tasks of this project that are more than one cargo command.

mod bench;
mod binary;
mod ci;
mod comings;
mod demo;
mod gpu_check;
mod growth;
mod parity;
mod pictures;
mod prompts;
mod python;
mod soak;
mod system;
mod tensors;
mod test;
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
    /// Build maskd and track objects through a rendered scene, and through a video of yours
    Demo(demo::Args),
    /// Run all tests
    Test(test::Args),
    /// Check formatting, lints, feature sets and documentation, then run all tests
    Ci,
    /// Compare maskd with the official SAM 2 predictor, frame by frame
    Parity(parity::Args),
    /// Time maskd and the official SAM 2 predictor in turn, or watch the memory of a long run
    Bench(bench::Args),
    /// Measure parity, speed and memory on a GPU, of maskd and of the official SAM 2 predictor; or make a folder that does so elsewhere
    GpuCheck(gpu_check::Args),
    /// Measure how cost grows with objects, with size and with the length of the video, and draw it
    Growth(growth::Args),
    /// Run the daemon with four streams while cameras fail and configurations change, and see that nothing grows or starves
    Soak(soak::Args),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().task {
        Task::Demo(args) => demo::run_demo(&args),
        Task::Test(args) => test::run_tests(&args),
        Task::Ci => ci::run_ci(),
        Task::Parity(args) => parity::run(&args),
        Task::Bench(args) => bench::run(&args),
        Task::GpuCheck(args) => gpu_check::run(&args),
        Task::Growth(args) => growth::run(&args),
        Task::Soak(args) => soak::run(&args),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

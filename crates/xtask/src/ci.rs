//! `cargo xtask ci`: everything a change has to pass.

use std::process::ExitCode;
use std::time::Instant;

use crate::binary::run;
use crate::system;
use crate::test::{self, cargo};

/// Everything that there is, with what is only run by hand on a GPU or on Mesa's driver.
const LINTED: &[&str] =
    &["--workspace", "--features", "maskd/zenoh,maskd/rerun,maskd/vulkan,maskd-model/check-kernels"];
/// Sets of cargo features that have to build, beside those that are linted and tested.
const FEATURE_SETS: &[&[&str]] = &[&[], &["--no-default-features"]];
/// The sinks that are no part of the default build are tested all the same.
const TESTED: &[&str] = &["--workspace", "--features", "maskd/zenoh,maskd/rerun"];

/// The kernels of GPUs, on Mesa's driver where there is no GPU. Whole networks take too long there.
const ON_VULKAN: &[&str] = &["-p", "maskd-model", "--features", "vulkan", "--test", "cube"];

/// Formatting, lints, feature sets, documentation, tests: the cheap ones first.
pub fn run_ci() -> anyhow::Result<ExitCode> {
    system::require_for_tests()?;
    step("formatting", &["fmt", "--all", "--check"], &[])?;
    // The release profile throughout: build scripts and macros are then built once.
    let lints = [&["clippy", "--release", "--locked", "--all-targets"], LINTED].concat();
    step("lints", &lints, &["--", "-D", "warnings"])?;
    for features in FEATURE_SETS {
        step("a feature set", &["check", "--release", "--locked"], features)?;
    }
    // The programs are left out: their documentation is what `--help` prints, where brackets are no links.
    let libraries = ["--workspace", "--exclude", "maskd", "--exclude", "maskd-gpu-check", "--exclude", "xtask"];
    step("documentation", &["doc", "--release", "--locked", "--no-deps"], &libraries)?;
    step("kernels of GPUs", &["test", "--release", "--locked"], ON_VULKAN)?;
    test::run_tests(&test::Args { cargo: TESTED.iter().map(|&argument| argument.to_owned()).collect() })
}

fn step(what: &str, arguments: &[&str], more: &[&str]) -> anyhow::Result<()> {
    let begin = Instant::now();
    println!("== {what}: cargo {} {}", arguments.join(" "), more.join(" "));
    // Documentation of modules may point at private items: whoever reads that far reads the source.
    let rustdoc = "-D warnings -A rustdoc::private_intra_doc_links";
    run(cargo().args(arguments).args(more).env("RUSTDOCFLAGS", rustdoc))?;
    println!("== {what}: {} s", begin.elapsed().as_secs());
    Ok(())
}

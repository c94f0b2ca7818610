//! `maskd inspect`: what is in a checkpoint, and whether anything is wrong with it.

use std::io::{Write, stdout};

use crate::cli::InspectArgs;
use crate::exit::{Advice, Code, Failure};

/// Runs the command.
///
/// # Errors
/// Where anything is wrong with the file.
pub fn run(arguments: &InspectArgs) -> Result<(), Failure> {
    let report = maskd_model::checkpoint::inspect(&arguments.path);
    let text = if arguments.json {
        serde_json::to_string_pretty(&report).map_err(|error| Failure::new(Code::RunTime, error, "leave out --json"))?
    } else {
        report.to_string()
    };
    // A reader that has gone needs no report; the exit code still tells.
    let _ = writeln!(stdout().lock(), "{}", text.trim_end());
    match report.problems.len() {
        0 => Ok(()),
        problems => Err(Unusable { path: report.path, problems }.into()),
    }
}

/// The report has told what is wrong.
#[derive(Debug, thiserror::Error)]
#[error("{path} cannot be used as a checkpoint; the report lists what is wrong ({problems} in all)")]
struct Unusable {
    path: String,
    problems: usize,
}

impl Advice for Unusable {
    fn code(&self) -> Code {
        Code::RunTime
    }

    fn help(&self) -> String {
        "get the file again, or give another one; `maskd models` lists official checkpoints with their hashes".into()
    }
}

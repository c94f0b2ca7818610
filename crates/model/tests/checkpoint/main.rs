//! Checkpoints: right files are read exactly, wrong and hostile ones are refused with the right error, soon, and
//! without much memory. All files but two small ones of PyTorch are made here.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where a helper of it finds something wrong")]

mod alloc;
mod containers;
mod flips;
mod hostile_pt;
mod hostile_safetensors;
mod mistaken;
mod models;
mod pickles;
mod positive;
mod verification;

use maskd_model::ModelError;
use maskd_model::checkpoint::{Checkpoint, Inspection, Problem, inspect};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

const MEMORY_LIMIT: i64 = 200 << 20;
const TIME_LIMIT: Duration = Duration::from_secs(1);

/// Runs `work` within the limits on time and memory that hold for any file.
fn bounded<T>(work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let (result, peak) = alloc::peak_of(work);
    let took = start.elapsed();
    assert!(took < TIME_LIMIT, "took {took:?}");
    assert!(peak < MEMORY_LIMIT, "held {peak} bytes");
    result
}

#[test]
fn memory_is_counted() {
    assert!(alloc::peak_of(|| vec![1_u8; 3 << 20]).1 >= 3 << 20);
}

fn problem_at(path: &Path) -> Problem {
    match bounded(|| Checkpoint::open(path)) {
        Err(ModelError::Checkpoint { file, problem }) => {
            assert_eq!(file, path.display().to_string());
            problem
        }
        other => panic!("expected a problem with the checkpoint, got {other:?}"),
    }
}

/// Writes a file that has to be refused; returns why it was, and what a report says of it.
fn refused(bytes: &[u8]) -> (Problem, Inspection) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let problem = problem_at(file.path());
    let report = bounded(|| inspect(file.path()));
    let text = problem.to_string();
    assert!(report.problems.contains(&text), "the report {:?} lacks {text:?}", report.problems);
    (problem, report)
}

/// Writes a file and reads it.
fn read(bytes: &[u8]) -> Checkpoint {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let report = inspect(file.path());
    assert!(report.is_usable(), "{:?}", report.problems);
    let checkpoint = Checkpoint::open(file.path()).unwrap();
    assert_eq!(Some(&checkpoint.sha256), report.sha256.as_ref());
    checkpoint
}

/// Fails unless the problem is of this kind; shows what it says otherwise.
macro_rules! assert_problem {
    ($problem:expr, $pattern:pat $(if $guard:expr)?) => {
        let problem = &$problem;
        assert!(matches!(problem, $pattern $(if $guard)?), "unexpected: {problem}");
    };
}
use assert_problem;

//! A small file system in a mount namespace of its own, and tests of this very program that run on it.

use std::path::PathBuf;
use std::process::Command;

const PLACE: &str = "MASKD_TEST_SMALL_DISK";

/// Runs this test program again with `arguments`, ignored tests only, and a directory that takes `size` (`256k`); `tests` of them have
/// to pass.
pub fn run_tests_on(size: &str, arguments: &str, tests: usize) {
    let directory = tempfile::tempdir().unwrap();
    let mount = format!("mount -t tmpfs -o size={size} none \"$1\"");
    let unshared = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", script, "sh"]).arg(directory.path()).arg(std::env::current_exe().unwrap());
        command.env(PLACE, directory.path());
        command
    };
    if !unshared(&mount).output().is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: a file system cannot be mounted here (root and unshare are needed)");
        return;
    }
    let script = format!("{mount} && exec \"$2\" --ignored --nocapture --test-threads 1 {arguments}");
    let output = unshared(&script).output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success() && text.contains(&format!("{tests} passed")), "{text}");
}

/// The directory, for the tests that run on it.
pub fn place() -> PathBuf {
    PathBuf::from(std::env::var_os(PLACE).expect("started by run_tests_on"))
}

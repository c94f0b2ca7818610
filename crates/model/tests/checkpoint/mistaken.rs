//! Things that are no checkpoint at all.

use crate::{assert_problem, problem_at, refused};
use maskd_model::checkpoint::{Problem, inspect};

#[test]
fn other_files_are_named() {
    let files: [(&[u8], &str); 6] = [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG"),
        (b"<html><body>404", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:12", "git lfs pull"),
        (b"cos\nsystem\n(S'true'\ntR.", "63, 6f, 73"),
        (b"ab", "61, 62"),
    ];
    for (bytes, needle) in files {
        let (problem, _) = refused(bytes);
        assert_problem!(problem, Problem::NotACheckpoint { found } if found.contains(needle));
    }
}

#[test]
fn a_bare_pickle_is_refused_with_advice() {
    let (problem, _) = refused(b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.");
    assert_problem!(problem, Problem::LegacyPickle);
    assert!(problem.to_string().contains("PyTorch 1.6"));
}

#[test]
fn a_directory_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert_problem!(problem_at(folder.path()), Problem::NotAFile);
    assert_eq!(inspect(folder.path()).problems.len(), 1);
}

#[cfg(unix)]
#[test]
fn a_device_is_refused() {
    assert_problem!(problem_at(std::path::Path::new("/dev/zero")), Problem::NotAFile);
}

#[test]
fn a_missing_file_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.pt");
    assert_problem!(problem_at(&path), Problem::Read(error) if error.kind() == std::io::ErrorKind::NotFound);
    assert!(inspect(&path).problems[0].contains("cannot be read"));
}

#[test]
fn a_file_larger_than_any_checkpoint_is_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    // No block of it is ever written.
    file.as_file().set_len(1 << 40).unwrap();
    assert_problem!(problem_at(file.path()), Problem::TooLarge { found, .. } if *found == 1 << 40);
}

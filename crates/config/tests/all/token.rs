//! The token of the server, from a variable or from a real file.

use std::path::{Path, PathBuf};

use maskd_config::*;

use crate::support::{SMALL, environment};

const GOOD: &str = "0123456789abcdef";

fn load(http: &str, variables: &[(&str, &str)], skip_secrets: bool) -> Result<Loaded, ConfigErrors> {
    let options = LoadOptions { skip_secrets, ..LoadOptions::default() };
    Config::parse(
        &format!("[http]\n{http}\n{SMALL}"),
        Path::new("/etc/maskd/x.toml"),
        &environment(variables),
        &options,
    )
}

fn token(loaded: &Loaded) -> Option<&str> {
    loaded.secrets.http_token.as_ref().map(Secret::reveal)
}

/// A file that only its owner can read, with the line that names it.
struct File {
    _folder: tempfile::TempDir,
    path: PathBuf,
    key: String,
}

impl File {
    fn with(content: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, content).unwrap();
        let key = format!("token_file = {:?}", path.to_str().unwrap());
        let file = Self { _folder: folder, path, key };
        file.set_mode(0o600);
        file
    }

    fn set_mode(&self, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&self.path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
}

fn one_finding(errors: &ConfigErrors) -> String {
    let [finding] = errors.findings() else { panic!("{errors}") };
    finding.to_string()
}

#[test]
fn a_token_comes_from_a_variable_as_it_is() {
    let loaded = load("token_env = 'T'", &[("T", GOOD)], false).unwrap();
    assert_eq!(token(&loaded), Some(GOOD));
    assert!(!format!("{loaded:?}").contains(GOOD));
    assert_eq!(loaded.config.resolve_secrets(&environment(&[("T", GOOD)])).unwrap(), loaded.secrets);
}

#[test]
fn a_token_comes_from_a_file_without_white_space_around_it() {
    let file = File::with(format!(" \n{GOOD}\r\n").as_bytes());
    let loaded = load(&file.key, &[], false).unwrap();
    assert_eq!((token(&loaded), loaded.warnings.as_slice()), (Some(GOOD), [].as_slice()));
}

#[test]
fn what_is_no_token_is_a_finding_that_does_not_show_it() {
    let long = "x".repeat(5000);
    for (text, why) in [
        ("hunter2", "holds fewer than 16 characters"),
        ("hunter2 hunter2 hunter2", "holds spaces or characters beyond ASCII"),
        ("hunter2hunter2hunter2ß", "holds spaces or characters beyond ASCII"),
        (long.as_str(), "holds more than 4096 characters"),
        ("", "is empty"),
    ] {
        let errors = load("token_env = 'T'", &[("T", text)], false).unwrap_err();
        let finding = one_finding(&errors);
        let start = format!("/etc/maskd/x.toml:2:13: http.token_env: found \"T\", a variable that {why}, accepted ");
        assert!(finding.starts_with(&start), "{finding}");
        let file = File::with(text.as_bytes());
        let errors = load(&file.key, &[], false).unwrap_err();
        let from_file = one_finding(&errors);
        assert!(from_file.starts_with("/etc/maskd/x.toml:2:14: http.token_file: found \"/"), "{from_file}");
        assert!(from_file.contains(&format!("a file that {why}, accepted a token of 16 to 4096")), "{from_file}");
        assert!(!finding.contains("hunter2") && !from_file.contains("hunter2"));
        assert!(!finding.contains("xxx") && !from_file.contains("xxx"));
    }
}

#[test]
fn files_that_hold_no_text_or_are_none_are_findings() {
    let file = File::with(&[0xe4; 20]);
    assert!(one_finding(&load(&file.key, &[], false).unwrap_err()).contains("a file that is no text in UTF-8"));
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().to_owned(), folder.path().join("missing")] {
        let errors = load(&format!("token_file = {:?}", path.to_str().unwrap()), &[], false).unwrap_err();
        assert!(one_finding(&errors).contains("a file that cannot be read ("), "{errors}");
    }
    assert!(one_finding(&load("token_env = 'T'", &[], false).unwrap_err()).contains("is not set, or is no text"));
}

#[test]
fn a_file_that_everyone_can_read_is_warned_of() {
    let file = File::with(GOOD.as_bytes());
    for (mode, open) in [(0o600, false), (0o640, false), (0o644, true), (0o606, true), (0o601, true)] {
        file.set_mode(mode);
        let loaded = load(&file.key, &[], false).unwrap();
        assert_eq!((token(&loaded), !loaded.warnings.is_empty()), (Some(GOOD), open), "{mode:o}");
        for warning in loaded.warnings.iter().map(Warning::to_string) {
            let start =
                "/etc/maskd/x.toml:2:14: warning: http.token_file: everyone on this machine can get at the token";
            assert!(warning.starts_with(start) && warning.contains(&format!("mode {mode:o}")), "{warning}");
        }
    }
}

#[test]
fn nobody_looks_for_a_token_that_is_not_needed() {
    for (http, skip_secrets) in [
        ("token_env = 'T'", true),
        ("token_file = '/missing'", true),
        ("token_env = 'T'\nenabled = false", false),
        ("token_file = '/missing'\nenabled = false", false),
    ] {
        assert_eq!(load(http, &[], skip_secrets).unwrap().secrets, Secrets::default(), "{http}");
    }
    let errors = load("token_env = 'T'\ntoken_file = '/missing'", &[], false).unwrap_err();
    assert!(one_finding(&errors).contains("it beside token_env"), "{errors}");
}

//! `configs/reference.toml` is what the program prints, and every line of it is true.

use std::path::{Path, PathBuf};

use crate::support::good;

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/reference.toml")
}

#[test]
fn the_file_is_what_the_program_prints() {
    let file = std::fs::read_to_string(file()).unwrap();
    let how = "run `cargo run -p maskd-config --example reference > configs/reference.toml`";
    assert!(file == maskd_config::reference(), "configs/reference.toml is out of date: {how}");
}

/// The same configuration with nothing but what has no default.
const REQUIRED: &str = r#"
[[stream]]
name = "yard"
source = "rtsp://192.168.0.20:554/stream1"
[[stream.prompt]]
object = 1
box = [200, 90, 430, 310]
[[sink]]
kind = "rtsp"
name = "rtsp"
[[sink]]
kind = "file"
name = "file"
directory = "recordings"
[[sink]]
kind = "ndjson"
name = "ndjson"
[[sink]]
kind = "mqtt"
name = "mqtt"
broker = "mqtt://127.0.0.1:1883"
"#;

#[test]
fn its_values_are_the_defaults() {
    assert_eq!(good(&maskd_config::reference(), &[]).config, good(REQUIRED, &[]).config);
}

/// Lines of the reference that are a setting behind a comment sign.
fn options(text: &str) -> Vec<usize> {
    let is_setting = |line: &str| {
        line.strip_prefix("# ").is_some_and(|rest| {
            let key = rest.trim_start_matches("# ").split(" = ").next().unwrap_or_default();
            (rest.contains(" = ") && !key.contains(' ')) || rest == "[[sink]]"
        })
    };
    text.lines().enumerate().filter(|(_, line)| is_setting(line)).map(|(index, _)| index).collect()
}

#[test]
fn what_is_commented_out_can_be_switched_on() {
    let text = maskd_config::reference();
    let lines: Vec<&str> = text.lines().collect();
    let start = lines.iter().position(|line| *line == "# [[sink]]").unwrap();
    let options = options(&text);
    assert!(options.len() > 15, "{options:?}");
    for option in options.into_iter().filter(|option| *option < start) {
        let mut changed = lines.clone();
        changed[option] = lines[option].trim_start_matches("# ");
        let mut changed = changed.join("\n");
        // A mask excludes a box; user and password need each other, and so do certificate and key.
        if lines[option].contains("mask = ") {
            changed = changed.replace("\nbox = ", "\n# ");
        }
        if lines[option].contains("tls_") {
            changed = changed.replace("\n# tls_certificate", "\ntls_certificate").replace("\n# tls_key", "\ntls_key");
        }
        if lines[option].contains("_env = ") {
            changed = changed.replace("\n# user_env", "\nuser_env").replace("\n# password_env", "\npassword_env");
        }
        let config = good(&changed, &[]).config;
        assert_ne!(config, good(&text, &[]).config, "{} changed nothing", lines[option]);
    }
}

#[test]
fn kinds_that_builds_may_lack_are_right_too() {
    let text = maskd_config::reference();
    let options = options(&text);
    let start = text.lines().position(|line| line == "# [[sink]]").unwrap();
    let strip = |(index, line): (usize, &'static str)| {
        if index >= start && options.contains(&index) { line.strip_prefix("# ").unwrap_or(line) } else { line }
    };
    let leaked: &'static str = Box::leak(text.clone().into_boxed_str());
    let changed: Vec<&str> = leaked.lines().enumerate().map(strip).collect();
    let config = good(&changed.join("\n"), &[]).config;
    let kinds: Vec<&str> = config.sinks.iter().map(|sink| sink.target.kind()).collect();
    assert_eq!(kinds, ["rtsp", "file", "ndjson", "mqtt", "zenoh", "rerun"]);
}

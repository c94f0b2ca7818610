use std::path::Path;

use maskd_config::{Config, ConfigErrors, Environment, Features, LoadOptions, Loaded};

/// A file that tracks one object and prints lines: the least that gives no warning.
pub const SMALL: &str = r#"
[[stream]]
name = "yard"
source = "yard.mp4"
[[stream.prompt]]
object = 1
box = [1, 2, 3, 4]

[[sink]]
kind = "ndjson"
name = "lines"
"#;

pub const ALL: LoadOptions = LoadOptions { features: Features::ALL, skip_secrets: true };

pub fn environment(variables: &[(&str, &str)]) -> Environment {
    variables.iter().map(|(name, value)| (*name, *value)).collect()
}

pub fn parse(text: &str, variables: &[(&str, &str)]) -> Result<Loaded, ConfigErrors> {
    Config::parse(text, Path::new("/etc/maskd/x.toml"), &environment(variables), &ALL)
}

/// What a file that is fine gives.
pub fn good(text: &str, variables: &[(&str, &str)]) -> Loaded {
    parse(text, variables).unwrap_or_else(|errors| panic!("{errors}\nin\n{text}"))
}

/// The lines that are printed for a file that is not, without the folder.
pub fn bad(text: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let errors = parse(text, variables).expect_err(text).to_string();
    errors.replace("/etc/maskd/", "").lines().map(str::to_owned).collect()
}

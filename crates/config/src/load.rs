use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::config::Config;
use crate::document::{apply_overrides, document};
use crate::environment::Environment;
use crate::error::ConfigErrors;
use crate::features::Features;
use crate::finding::{Place, Warning};
use crate::report::Report;
use crate::secrets::{Resolved, Secrets, resolve};
use crate::{paths, rules, validate};

/// Larger files are no configuration.
const LARGEST: u64 = 1 << 20;

/// What to expect of the world around a configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoadOptions {
    /// What the build has.
    pub features: Features,
    /// Whether to leave secrets alone: [`Loaded::secrets`] stays empty, variables need not be set, and no file is opened.
    pub skip_secrets: bool,
}

/// A configuration that can be run.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// What the variables and the file hold that it names.
    pub secrets: Secrets,
    /// What works and is probably not what was meant, in the order of the lines.
    pub warnings: Vec<Warning>,
}

impl Config {
    /// Reads a file. What it leaves out has its default; variables that begin with `MASKD__` replace what stands in the file.
    ///
    /// # Errors
    /// [`ConfigErrors::Unreadable`]; else [`ConfigErrors::Findings`] with all that is wrong, in the file and in the environment.
    pub fn load(path: &Path, environment: &Environment, options: &LoadOptions) -> Result<Loaded, ConfigErrors> {
        let unreadable = |source| ConfigErrors::Unreadable { path: path.to_owned(), source };
        let bytes = read(path).map_err(unreadable)?;
        match String::from_utf8(bytes) {
            Ok(text) => Self::parse(&text, path, environment, options),
            Err(error) => Err(no_text(&error, path)),
        }
    }

    /// The same for the text of a file. `path` is what messages call it; relative paths are relative to its folder.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(
        text: &str,
        path: &Path,
        environment: &Environment,
        options: &LoadOptions,
    ) -> Result<Loaded, ConfigErrors> {
        let mut report = Report::new(path);
        let (mut tree, faults) = document(text);
        apply_overrides(&mut tree, environment, &mut report);
        let (value, labels) = validate::validate(&tree, options.features, &mut report);
        let mut config = Self::deserialize(value).map_err(|error| ConfigErrors::Table(Box::new(error)))?;
        rules::check(&config, &labels, &mut report);
        paths::resolve(&mut config, &folder_of(path));
        let secrets =
            if options.skip_secrets { Secrets::default() } else { secrets(&config, environment, &mut report) };
        syntax(&faults, &mut report);
        let (findings, warnings) = report.finish();
        if findings.is_empty() {
            Ok(Loaded { config, secrets, warnings })
        } else {
            Err(ConfigErrors::Findings(findings))
        }
    }
}

fn secrets(config: &Config, environment: &Environment, report: &mut Report) -> Secrets {
    let Resolved { secrets, missing, doubts } = resolve(config, environment);
    for missing in missing {
        report.find_rule(&missing.key, &[], missing.found, missing.accepted);
    }
    for (key, doubt) in doubts {
        report.warn(key, doubt);
    }
    secrets
}

fn syntax(faults: &[(Place, String)], report: &mut Report) {
    if !faults.is_empty() {
        report.trust_no_more_than_syntax(faults);
    }
    for (place, message) in faults {
        report.find(place, "", format!("what is no TOML ({message})"), "TOML, such as `key = \"value\"`");
    }
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, "it is larger than 1 MiB"));
    }
    Ok(bytes)
}

fn no_text(error: &std::string::FromUtf8Error, path: &Path) -> ConfigErrors {
    let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
    let text = String::from_utf8_lossy(valid);
    let place = crate::document::Lines::new(&text).place(text.len());
    let mut report = Report::new(path);
    report.find(&place, "", "bytes that are no UTF-8", "a text file in UTF-8");
    ConfigErrors::Findings(report.finish().0)
}

fn folder_of(path: &Path) -> PathBuf {
    let folder = path.parent().unwrap_or(Path::new(""));
    // Fails only where the working directory is gone; paths are then relative to nothing that is known.
    let base = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    std::path::absolute(base).unwrap_or_else(|_| base.to_owned())
}

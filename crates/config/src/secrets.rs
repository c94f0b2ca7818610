use std::collections::BTreeMap;

use crate::config::Config;
use crate::environment::Environment;
use crate::error::ConfigErrors;
use crate::finding::{Finding, Location, Place};
use crate::values::Secret;

/// User and password of one stream or sink.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// User name.
    pub user: Option<Secret>,
    /// Password.
    pub password: Option<Secret>,
}

/// What the environment variables hold that `user_env` and `password_env` name; only where one of the two is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secrets {
    /// By the name of the stream.
    pub streams: BTreeMap<String, Credentials>,
    /// By the name of the sink.
    pub sinks: BTreeMap<String, Credentials>,
}

/// A variable that holds no secret although a key names it.
pub(crate) struct Unresolved {
    pub key: String,
    pub found: String,
}

/// What is accepted instead of it.
pub(crate) const ACCEPTED: &str =
    "the name of a variable that is set; `maskd check --no-environment` does not ask for it";

impl Config {
    /// Looks up all secrets.
    ///
    /// # Errors
    /// [`ConfigErrors::Findings`] with every variable that is not set or empty.
    pub fn resolve_secrets(&self, environment: &Environment) -> Result<Secrets, ConfigErrors> {
        let (secrets, missing) = resolve(self, environment);
        if missing.is_empty() {
            return Ok(secrets);
        }
        let finding = |missing: Unresolved| Finding {
            location: Location { file: std::path::Path::new("configuration").into(), place: Place::Document },
            key: missing.key,
            found: missing.found,
            accepted: ACCEPTED.into(),
        };
        Err(ConfigErrors::Findings(missing.into_iter().map(finding).collect()))
    }
}

/// All secrets that there are, and all that should be there. Keys are called by the names of streams and sinks.
pub(crate) fn resolve(config: &Config, environment: &Environment) -> (Secrets, Vec<Unresolved>) {
    let mut lookup = Lookup { environment, missing: Vec::new() };
    let streams = config.streams.iter().filter_map(|stream| {
        let variables = (stream.user_env.as_deref(), stream.password_env.as_deref());
        Some((stream.name.clone(), lookup.credentials(&format!("stream.{}", stream.name), variables)?))
    });
    let streams = streams.collect();
    let sinks = config.sinks.iter().filter_map(|sink| {
        Some((sink.name.clone(), lookup.credentials(&format!("sink.{}", sink.name), sink.target.credentials())?))
    });
    let sinks = sinks.collect();
    (Secrets { streams, sinks }, lookup.missing)
}

struct Lookup<'a> {
    environment: &'a Environment,
    missing: Vec<Unresolved>,
}

impl Lookup<'_> {
    fn credentials(&mut self, label: &str, (user, password): (Option<&str>, Option<&str>)) -> Option<Credentials> {
        if user.is_none() && password.is_none() {
            return None;
        }
        let user = user.and_then(|variable| self.secret(format!("{label}.user_env"), variable));
        let password = password.and_then(|variable| self.secret(format!("{label}.password_env"), variable));
        Some(Credentials { user, password })
    }

    fn secret(&mut self, key: String, variable: &str) -> Option<Secret> {
        let why = match self.environment.get(variable) {
            Some("") => "is empty",
            Some(text) => return Some(Secret::new(text.to_owned())),
            None => "is not set, or is no text",
        };
        self.missing.push(Unresolved { key, found: format!("\"{variable}\", a variable that {why}") });
        None
    }
}

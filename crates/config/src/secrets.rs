use std::collections::BTreeMap;
use std::path::Path;

use crate::config::Config;
use crate::environment::Environment;
use crate::error::ConfigErrors;
use crate::finding::{Finding, Location, Place};
use crate::http::HttpConfig;
use crate::token;
use crate::values::Secret;

/// User and password of one stream or sink.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// User name.
    pub user: Option<Secret>,
    /// Password.
    pub password: Option<Secret>,
}

/// What is not in the configuration itself, but where it says: in environment variables, and in one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secrets {
    /// What clients of the HTTP server have to show; `None` where it is not enabled, and where no token is named.
    pub http_token: Option<Secret>,
    /// What `user_env` and `password_env` name, by the name of the stream; only where one of the two is given.
    pub streams: BTreeMap<String, Credentials>,
    /// The same by the name of the sink.
    pub sinks: BTreeMap<String, Credentials>,
}

/// A secret that is not where a key says.
pub(crate) struct Unresolved {
    pub key: String,
    pub found: String,
    pub accepted: &'static str,
}

/// What came of looking for all secrets.
pub(crate) struct Resolved {
    pub secrets: Secrets,
    pub missing: Vec<Unresolved>,
    /// What is doubtful about those that were found, by their keys.
    pub doubts: Vec<(&'static str, String)>,
}

/// What is accepted instead of a variable that is not set.
const ACCEPTED: &str = "the name of a variable that is set; `maskd check --no-environment` does not ask for it";

impl Config {
    /// Looks up all secrets.
    ///
    /// # Errors
    /// [`ConfigErrors::Findings`] with every variable that is not set or empty, and with a token that is none.
    pub fn resolve_secrets(&self, environment: &Environment) -> Result<Secrets, ConfigErrors> {
        let Resolved { secrets, missing, .. } = resolve(self, environment);
        if missing.is_empty() {
            return Ok(secrets);
        }
        let finding = |missing: Unresolved| Finding {
            location: Location { file: Path::new("configuration").into(), place: Place::Document },
            key: missing.key,
            found: missing.found,
            accepted: missing.accepted.into(),
        };
        Err(ConfigErrors::Findings(missing.into_iter().map(finding).collect()))
    }
}

/// All secrets that there are, and all that should be there. Keys are called by the names of streams and sinks.
pub(crate) fn resolve(config: &Config, environment: &Environment) -> Resolved {
    let mut lookup = Lookup { environment, missing: Vec::new(), doubts: Vec::new() };
    let http_token = lookup.token(&config.http);
    let streams = config.streams.iter().filter_map(|stream| {
        let variables = (stream.user_env.as_deref(), stream.password_env.as_deref());
        Some((stream.name.clone(), lookup.credentials(&format!("stream.{}", stream.name), variables)?))
    });
    let streams = streams.collect();
    let sinks = config.sinks.iter().filter_map(|sink| {
        Some((sink.name.clone(), lookup.credentials(&format!("sink.{}", sink.name), sink.target.credentials())?))
    });
    let sinks = sinks.collect();
    Resolved { secrets: Secrets { http_token, streams, sinks }, missing: lookup.missing, doubts: lookup.doubts }
}

struct Lookup<'a> {
    environment: &'a Environment,
    missing: Vec<Unresolved>,
    doubts: Vec<(&'static str, String)>,
}

impl Lookup<'_> {
    fn token(&mut self, http: &HttpConfig) -> Option<Secret> {
        match (http.token_env.as_deref(), http.token_file.as_deref()) {
            _ if !http.enabled => None,
            (Some(variable), None) => self.token_of_variable(variable),
            (None, Some(path)) => self.token_of_file(path),
            // Of two it is not known which one is meant, which is a finding of its own.
            _ => None,
        }
    }

    fn token_of_variable(&mut self, variable: &str) -> Option<Secret> {
        let key = "http.token_env".to_owned();
        let text = self.secret(key.clone(), variable)?;
        let refused = |why: String| Unresolved { key, found: quoted(variable, &why), accepted: token::ACCEPTED };
        token::checked(text.reveal()).map_err(|why| self.missing.push(refused(why))).ok()
    }

    fn token_of_file(&mut self, path: &Path) -> Option<Secret> {
        const KEY: &str = "http.token_file";
        match token::read(path) {
            Ok(token::InFile { token, doubt }) => {
                self.doubts.extend(doubt.map(|doubt| (KEY, doubt)));
                Some(token)
            }
            Err(why) => {
                let found = format!("{:?}, a file that {why}", path.display().to_string());
                self.missing.push(Unresolved { key: KEY.to_owned(), found, accepted: token::ACCEPTED });
                None
            }
        }
    }

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
        self.missing.push(Unresolved { key, found: quoted(variable, why), accepted: ACCEPTED });
        None
    }
}

fn quoted(variable: &str, why: &str) -> String {
    format!("\"{variable}\", a variable that {why}")
}

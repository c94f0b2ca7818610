use std::collections::BTreeMap;
use std::ffi::OsString;

/// What every override begins with.
pub(crate) const PREFIX: &str = "MASKD__";

/// Environment variables, as a value: a test brings its own.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, OsString>);

impl Environment {
    /// Those of this process. Variables whose name is no text cannot be meant and are left out.
    pub fn of_process() -> Self {
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value))).collect()
    }

    /// The value of a variable; `None` where there is none or it is no text.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.to_str()
    }

    /// Name and value of everything that is meant as an override, in the order of the names.
    pub(crate) fn overrides(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let meant = |name: &str| name.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX));
        self.0.iter().filter(move |(name, _)| meant(name)).map(|(name, value)| (name.as_str(), value.to_str()))
    }
}

/// Only names: values may be secrets.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl<N: Into<String>, V: Into<OsString>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

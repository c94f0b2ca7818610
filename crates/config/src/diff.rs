use serde_json::Value;

use crate::config::Config;
use crate::schema::ROOT;

/// What a new configuration does differently.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Keys outside of streams and sinks.
    pub keys: Vec<ChangedKey>,
    /// Streams, by name.
    pub streams: ChangedNames,
    /// Names of streams of which nothing but the prompts changed; none of them is in `streams`.
    pub prompts: Vec<String>,
    /// Sinks, by name.
    pub sinks: ChangedNames,
}

/// A key whose value changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedKey {
    /// `section.key`
    pub key: String,
    /// Whether the change waits for a restart.
    pub needs_restart: bool,
}

/// What came, went and changed, by name, in the order of the configuration that has it (the new one for changes).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangedNames {
    /// Only in the new configuration.
    pub added: Vec<String>,
    /// Only in the old one.
    pub removed: Vec<String>,
    /// In both, with other settings.
    pub changed: Vec<String>,
}

impl Changes {
    /// What has to be done to get from the one to the other. The order of streams and sinks means nothing.
    pub fn between(old: &Config, new: &Config) -> Self {
        let name = |name: &String| name.clone();
        let (streams, prompts) = stream_changes(old, new);
        let sinks = names(&old.sinks, &new.sinks, |sink| name(&sink.name), |a, b| a != b);
        Self { keys: changed_keys(old, new), streams, prompts, sinks }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The keys that keep their old value until the daemon is started again.
    pub fn restart_needed(&self) -> Vec<&str> {
        self.keys.iter().filter(|key| key.needs_restart).map(|key| key.key.as_str()).collect()
    }
}

fn stream_changes(old: &Config, new: &Config) -> (ChangedNames, Vec<String>) {
    let mut streams = names(&old.streams, &new.streams, |stream| stream.name.clone(), |a, b| a != b);
    let only_prompts = |name: &String| match (old.stream(name), new.stream(name)) {
        (Some(old), Some(new)) => crate::StreamConfig { prompts: old.prompts.clone(), ..new.clone() } == *old,
        _ => false,
    };
    let (prompts, changed) = std::mem::take(&mut streams.changed).into_iter().partition(only_prompts);
    streams.changed = changed;
    (streams, prompts)
}

fn names<T>(old: &[T], new: &[T], name: impl Fn(&T) -> String, differ: impl Fn(&T, &T) -> bool) -> ChangedNames {
    let counterpart = |item: &T, others: &[T]| others.iter().position(|other| name(other) == name(item));
    let mut result = ChangedNames::default();
    for item in new {
        match counterpart(item, old).and_then(|index| old.get(index)) {
            None => result.added.push(name(item)),
            Some(before) if differ(before, item) => result.changed.push(name(item)),
            Some(_) => {}
        }
    }
    let gone = old.iter().filter(|item| counterpart(item, new).is_none());
    result.removed = gone.map(&name).collect();
    result
}

fn changed_keys(old: &Config, new: &Config) -> Vec<ChangedKey> {
    let (old, new) = (sections(old), sections(new));
    let keys = ROOT.sections.iter().filter(|section| !section.many).flat_map(|section| {
        section.keys.iter().map(move |key| (format!("/{}/{}", section.name, key.name), section.name, key))
    });
    let changed = keys.filter(|(pointer, _, _)| old.pointer(pointer) != new.pointer(pointer));
    changed
        .map(|(_, section, key)| ChangedKey { key: format!("{section}.{}", key.name), needs_restart: key.restart })
        .collect()
}

/// The tables that are there once each, by the names of their keys.
fn sections(config: &Config) -> Value {
    let Config { model, tracking, http, state, log, shutdown, streams: _, sinks: _ } = config;
    serde_json::json!({
        "model": model, "tracking": tracking, "http": http, "state": state, "log": log, "shutdown": shutdown,
    })
}

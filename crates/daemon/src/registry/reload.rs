//! From one configuration to another while everything runs.

use maskd_config::{Changes, Loaded};

use super::{Registry, Settings};
use crate::DaemonError;
use crate::scheduler::Command;
use crate::view::Origin;

impl Registry {
    /// As [`crate::Daemon::reload`].
    pub(crate) fn reload(&self, loaded: Loaded) -> Result<Changes, DaemonError> {
        let settings = &mut *self.settings();
        let changes = Changes::between(&settings.loaded.config, &loaded.config);
        let (streams, sinks) = renewed_names(settings, &loaded, &changes);
        self.give_way(settings, &loaded);
        let added = std::mem::take(&mut settings.loaded.secrets.streams);
        settings.loaded.secrets = loaded.secrets;
        let kept = added.into_iter().filter(|(name, _)| settings.added.iter().any(|stream| stream.name == *name));
        settings.loaded.secrets.streams.extend(kept);
        settings.loaded.config.tracking.keep_tracks = loaded.config.tracking.keep_tracks;
        self.send(Command::KeepTracks(loaded.config.tracking.keep_tracks));
        settings.loaded.config.log.level = loaded.config.log.level;
        settings.loaded.config.shutdown = loaded.config.shutdown;
        changes.streams.removed.iter().for_each(|name| self.stop_stream(name, true));
        streams.iter().for_each(|name| self.stop_stream(name, false));
        changes.sinks.removed.iter().chain(&sinks).for_each(|name| self.stop_sink(name));
        settings.loaded.config.sinks = loaded.config.sinks;
        settings.loaded.config.streams = loaded.config.streams;
        for name in changes.sinks.added.iter().chain(&sinks) {
            let sink = settings.loaded.config.sink(name).cloned();
            sink.map_or(Ok(()), |sink| self.start_sink(settings, &sink))?;
        }
        for name in changes.streams.added.iter().chain(&streams) {
            let stream = settings.loaded.config.stream(name).cloned();
            stream.map_or(Ok(()), |stream| self.start_stream(settings, &stream, Origin::File))?;
        }
        Ok(changes)
    }

    /// What a file says counts more than what was added while the daemon ran.
    fn give_way(&self, settings: &mut Settings, loaded: &Loaded) {
        let (gone, kept) = std::mem::take(&mut settings.added)
            .into_iter()
            .partition(|stream| loaded.config.stream(&stream.name).is_some());
        let gone: Vec<maskd_config::StreamConfig> = gone;
        gone.iter().for_each(|stream| self.stop_stream(&stream.name, false));
        settings.added = kept;
    }
}

/// Streams and sinks that have to be taken out and put in again.
fn renewed_names(settings: &Settings, loaded: &Loaded, changes: &Changes) -> (Vec<String>, Vec<String>) {
    let (old, new) = (&settings.loaded.secrets, &loaded.secrets);
    let streams = renewed(
        &[&changes.streams.changed, &changes.prompts],
        |name| old.streams.get(name) != new.streams.get(name),
        loaded.config.streams.iter().map(|stream| stream.name.as_str()),
        &changes.streams.added,
    );
    let sinks = renewed(
        &[&changes.sinks.changed],
        |name| old.sinks.get(name) != new.sinks.get(name),
        loaded.config.sinks.iter().map(|sink| sink.name.as_str()),
        &changes.sinks.added,
    );
    (streams, sinks)
}

fn renewed<'a>(
    changed: &[&[String]],
    other_secrets: impl Fn(&str) -> bool,
    names: impl Iterator<Item = &'a str>,
    added: &[String],
) -> Vec<String> {
    let has = |list: &[String], name: &str| list.iter().any(|other| other == name);
    let renewed = names.filter(|name| changed.iter().any(|list| has(list, name)) || other_secrets(name));
    // What is new is started once.
    renewed.filter(|name| !has(added, name)).map(str::to_owned).collect()
}

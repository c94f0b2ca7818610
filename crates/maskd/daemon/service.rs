//! The main thread's work while the daemon runs: signals, and the service manager (systemd's `Type=notify` and watchdog).

use std::thread;
use std::time::{Duration, Instant};

use maskd_config::Changes;
use maskd_daemon::Daemon;
use sd_notify::NotifyState;

use super::log::Level;
use super::signals::Wishes;
use super::{load, memory};
use crate::cli::RunArgs;
use crate::exit::Failure;

/// How often the main thread looks around.
const GLANCE: Duration = Duration::from_millis(20);

/// How often memory that nobody uses is given back. It takes milliseconds, in which decoders may have to wait for memory.
const TIDY: Duration = Duration::from_secs(30);

/// Tells the service manager that the daemon is up.
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// Tells the service manager that the daemon is on its way down.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Watches over the daemon until it is to end.
///
/// # Errors
/// Where its tracker ended.
pub fn watch(daemon: &mut Daemon, wishes: &Wishes, level: &Level, arguments: &RunArgs) -> Result<(), Failure> {
    let feed_every = sd_notify::watchdog_enabled().map(|interval| interval / 3);
    let (mut fed, mut tidied) = (Instant::now(), Instant::now());
    loop {
        let ended = arguments.until_ended && daemon.has_ended();
        if wishes.stop() || ended {
            return Ok(());
        }
        daemon.check()?;
        if wishes.take_reload() {
            reload(daemon, level, arguments);
        }
        // Fed by progress, not by time: a daemon that is stuck is to be restarted.
        if feed_every.is_some_and(|every| fed.elapsed() >= every) && daemon.is_well() {
            tell(&[NotifyState::Watchdog]);
            fed = Instant::now();
        }
        if tidied.elapsed() >= TIDY {
            memory::give_back();
            tidied = Instant::now();
        }
        thread::sleep(GLANCE);
    }
}

/// A wrong configuration is reported, and the old one stays.
fn reload(daemon: &mut Daemon, level: &Level, arguments: &RunArgs) {
    tracing::info!(file = %arguments.config.display(), "reading the configuration anew");
    let loaded = match load(&arguments.config, false) {
        Ok(loaded) => loaded,
        Err(failure) => {
            tracing::error!("the configuration stays as it was: {failure}");
            return;
        }
    };
    level.set(loaded.config.log.level);
    loaded.warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
    match daemon.reload(loaded) {
        Ok(changes) => report(&changes),
        Err(error) => tracing::error!(%error, "a part of the new configuration cannot be used"),
    }
}

fn report(changes: &Changes) {
    let restart = changes.restart_needed();
    if !restart.is_empty() {
        tracing::warn!(keys = restart.join(", "), "these keys change with the next start only");
    }
    tracing::info!(
        streams_added = changes.streams.added.len(),
        streams_removed = changes.streams.removed.len(),
        streams_changed = changes.streams.changed.len() + changes.prompts.len(),
        sinks_added = changes.sinks.added.len(),
        sinks_removed = changes.sinks.removed.len(),
        sinks_changed = changes.sinks.changed.len(),
        "the new configuration is in force"
    );
}

/// Without a service manager nothing happens.
fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "the service manager does not listen");
    }
}

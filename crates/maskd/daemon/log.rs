//! The daemon's log, on standard error: a line for people, or a JSON object for machines.

use std::io::stderr;

use maskd_config::{LogConfig, LogFormat, LogLevel};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::reload::{self, Handle};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Registry, fmt};

/// Least important messages that are written; may change at any time.
pub struct Level(Handle<LevelFilter, Registry>);

impl Level {
    /// From now on.
    pub fn set(&self, level: LogLevel) {
        if let Err(error) = self.0.reload(filter(level)) {
            tracing::error!(%error, "the level of the log stays as it was");
        }
    }
}

/// Starts logging, once.
pub fn start(config: &LogConfig) -> Level {
    let (level, handle) = reload::Layer::new(filter(config.level));
    let registry = tracing_subscriber::registry().with(level);
    let lines = fmt::layer().with_writer(stderr).with_target(false).with_ansi(false);
    match config.format {
        LogFormat::Text => registry.with(lines).init(),
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).init(),
    }
    Level(handle)
}

fn filter(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}

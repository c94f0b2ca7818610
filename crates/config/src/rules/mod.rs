//! What holds between keys. Runs on values that are right in themselves; what was not is left alone.

mod credentials;
mod effect;
mod exposure;
mod http;
mod names;
mod prompts;
mod sinks;

use crate::config::Config;
use crate::report::Report;
use crate::sink::SinkConfig;
use crate::stream::StreamConfig;
use crate::validate::Labels;

/// A configuration, with what each part of it is called in messages.
struct Labelled<'a> {
    config: &'a Config,
    labels: &'a Labels,
}

impl<'a> Labelled<'a> {
    fn streams(&self) -> impl Iterator<Item = (&'a str, &'a StreamConfig)> {
        self.labels.streams.iter().map(String::as_str).zip(&self.config.streams)
    }

    fn sinks(&self) -> impl Iterator<Item = (&'a str, &'a SinkConfig)> {
        self.labels.sinks.iter().map(String::as_str).zip(&self.config.sinks)
    }
}

/// Checks all rules.
pub(crate) fn check(config: &Config, labels: &Labels, report: &mut Report) {
    let labelled = Labelled { config, labels };
    names::check(&labelled, report);
    http::check(&labelled, report);
    credentials::check(&labelled, report);
    // After the logins, so that half a login is not reported as none too.
    exposure::check(&labelled, report);
    sinks::check(&labelled, report);
    prompts::check(&labelled, report);
    effect::check(&labelled, report);
}

/// Reports a key that means nothing without another one beside it.
fn only_one(label: &str, given: &str, other: &str, report: &mut Report) {
    let keys = [given, other].map(|name| format!("{label}.{name}"));
    let [given_key, other_key] = &keys;
    report.find_rule(
        given_key,
        &[other_key],
        format!("it without {other}"),
        format!("{given} and {other}, or neither"),
    );
}

//! What is written and does nothing.

use super::Labelled;
use crate::report::Report;
use crate::stream::StreamConfig;
use crate::values::Source;

pub(super) fn check(labelled: &Labelled<'_>, report: &mut Report) {
    if labelled.config.streams.is_empty() {
        report.warn("", "there is no [[stream]], so there is nothing to watch");
    }
    if labelled.config.sinks.is_empty() {
        report.warn("", "there is no [[sink]], so results go nowhere");
    }
    for (label, stream) in labelled.streams() {
        without_effect(label, stream, report);
        without_prompt(label, stream, report);
    }
}

fn without_effect(label: &str, stream: &StreamConfig, report: &mut Report) {
    let (keys, what): (&[&str], _) = match stream.source {
        Source::Rtsp(_) => (&["repeat"], "a camera has no end"),
        Source::V4l2(_) => {
            (&["repeat", "transport", "latency_ms", "user_env", "password_env"], "this is a camera of this machine")
        }
        _ => (&["transport", "latency_ms", "user_env", "password_env", "stall_s"], "this source is not a camera"),
    };
    for name in keys.iter().filter(|name| **name != "repeat" || stream.repeat) {
        let key = format!("{label}.{name}");
        if report.is_given(&key) && !report.is_faulty(&format!("{label}.source")) {
            report.warn(&key, format!("it does nothing: {what}"));
        }
    }
}

fn without_prompt(label: &str, stream: &StreamConfig, report: &mut Report) {
    if stream.prompts.is_empty() {
        report.warn(label, "there is no [[stream.prompt]], so nothing is tracked in it");
    }
}

//! What is written and does nothing.

use super::Labelled;
use crate::report::Report;
use crate::stream::StreamConfig;
use crate::values::Source;

pub(super) fn check(labelled: &Labelled<'_>, report: &mut Report) {
    // Over the control API, streams and prompts may come later, and the page shows what no sink takes.
    let alone = !labelled.config.http.enabled;
    if alone && labelled.config.streams.is_empty() {
        report.warn("", "there is no [[stream]], so there is nothing to watch");
    }
    if alone && labelled.config.sinks.is_empty() {
        report.warn("", "there is no [[sink]], so results go nowhere");
    }
    for (label, stream) in labelled.streams() {
        without_effect(label, stream, report);
        if alone {
            without_prompt(label, stream, report);
        }
    }
}

fn without_effect(label: &str, stream: &StreamConfig, report: &mut Report) {
    let (keys, what): (&[&str], _) = match &stream.source {
        Source::Rtsp(_) => (&["repeat", "realtime"], "a camera has neither an end nor another pace"),
        Source::V4l2(_) => (
            &["repeat", "realtime", "transport", "tls_certificate", "latency_ms", "user_env", "password_env"],
            "this is a camera of this machine",
        ),
        _ => (
            &["transport", "tls_certificate", "latency_ms", "user_env", "password_env", "stall_s"],
            "this source is not a camera",
        ),
    };
    for name in keys
        .iter()
        .filter(|name| **name != "repeat" || stream.repeat)
        .filter(|name| **name != "realtime" || stream.realtime)
    {
        let key = format!("{label}.{name}");
        if report.is_given(&key) && !report.is_faulty(&format!("{label}.source")) {
            report.warn(&key, format!("it does nothing: {what}"));
        }
    }
    if matches!(&stream.source, Source::Rtsp(url) if !url.is_encrypted()) && stream.tls_certificate.is_some() {
        report.warn(&format!("{label}.tls_certificate"), "it does nothing: only rtsps:// is encrypted");
    }
}

fn without_prompt(label: &str, stream: &StreamConfig, report: &mut Report) {
    if stream.prompts.is_empty() {
        report.warn(label, "there is no [[stream.prompt]], so nothing is tracked in it");
    }
}

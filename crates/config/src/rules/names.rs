//! Names are unique, and names that are referred to exist.

use super::Labelled;
use crate::report::Report;
use crate::suggest::nearest;

pub(super) fn check(labelled: &Labelled<'_>, report: &mut Report) {
    unique(labelled.streams().map(|(label, stream)| (label, stream.name.as_str())), report);
    unique(labelled.sinks().map(|(label, sink)| (label, sink.name.as_str())), report);
    references(labelled, report);
}

fn unique<'a>(named: impl Iterator<Item = (&'a str, &'a str)>, report: &mut Report) {
    let mut first: Vec<(&str, String)> = Vec::new();
    for (label, name) in named {
        let key = format!("{label}.name");
        // What only stands in for a missing name is nobody's double.
        if report.is_faulty(&key) {
            continue;
        }
        if first.iter().any(|(known, _)| *known == name) {
            report.find_rule(&key, &[], format!("{name:?} for the second time"), "a name of its own");
        } else {
            first.push((name, key));
        }
    }
}

fn references(labelled: &Labelled<'_>, report: &mut Report) {
    let known: Vec<&str> = labelled.config.streams.iter().map(|stream| stream.name.as_str()).collect();
    let labels: Vec<String> = labelled.streams().map(|(label, _)| format!("{label}.name")).collect();
    let depends_on: Vec<&str> = labels.iter().map(String::as_str).collect();
    for (label, sink) in labelled.sinks() {
        let unknown: Vec<&str> = sink.streams.iter().map(String::as_str).filter(|name| !known.contains(name)).collect();
        if let Some(first) = unknown.first() {
            let found = format!("{}, the name of no stream", unknown.join(", "));
            let accepted = accepted(first, &known);
            report.find_rule(&format!("{label}.streams"), &depends_on, found, accepted);
        }
    }
}

fn accepted(unknown: &str, known: &[&str]) -> String {
    match nearest(unknown, known.iter().copied()) {
        Some(name) => format!("{name:?} (did you mean that?), any of {}, or [] for all", known.join(", ")),
        None if known.is_empty() => "[]; there is no stream".into(),
        None => format!("any of {}, or [] for all", known.join(", ")),
    }
}

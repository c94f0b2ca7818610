//! What a sink can and cannot do, and what two of them cannot share.

use std::collections::BTreeMap;

use super::Labelled;
use crate::config::Config;
use crate::report::Report;
use crate::sink::{QueuePolicy, SinkConfig, SinkTarget};
use crate::values::{NdjsonTarget, RerunTarget, SocketTarget};

pub(super) fn check(labelled: &Labelled<'_>, report: &mut Report) {
    for (label, sink) in labelled.sinks() {
        blocking(label, sink, labelled, report);
    }
    sharing(labelled, report);
}

fn blocking(label: &str, sink: &SinkConfig, labelled: &Labelled<'_>, report: &mut Report) {
    if sink.policy != QueuePolicy::Block {
        return;
    }
    let taken = labelled.streams().filter(|(_, stream)| sink.takes(&stream.name));
    let live: Vec<(String, &str)> = taken
        .filter(|(_, stream)| stream.is_live())
        .map(|(label, stream)| (format!("{label}.source"), stream.name.as_str()))
        .collect();
    if let Some((source, name)) = live.first() {
        let found = format!("\"block\" with the camera {name:?}, which does not wait");
        let accepted = "another policy, or `streams` with nothing but files, folders and scenes";
        report.find_rule(&format!("{label}.policy"), &[source, &format!("{label}.streams")], found, accepted);
    }
}

/// Ports, files and folders belong to one.
fn sharing(labelled: &Labelled<'_>, report: &mut Report) {
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    if labelled.config.http.enabled {
        taken.extend(http_port(labelled.config));
    }
    for (label, sink) in labelled.sinks() {
        let Some((key, what)) = claim(sink) else { continue };
        let key = format!("{label}.{key}");
        if report.is_faulty(&key) {
            continue;
        }
        match taken.get(&what) {
            Some(owner) => report.find_rule(&key, &[owner], format!("the same as {owner}"), "one of its own"),
            None => drop(taken.insert(what, key)),
        }
    }
}

fn http_port(config: &Config) -> Option<(String, String)> {
    let listen = config.http.listen;
    (listen.port() != 0).then(|| (format!("port {listen}"), "http.listen".to_owned()))
}

/// What only one sink may have: the key that says so, and what it is.
fn claim(sink: &SinkConfig) -> Option<(&'static str, String)> {
    match &sink.target {
        SinkTarget::Rtsp(rtsp) if rtsp.listen.port() != 0 => Some(("listen", format!("port {}", rtsp.listen))),
        SinkTarget::File(file) => Some(("directory", format!("path {}", file.directory.display()))),
        SinkTarget::Ndjson(ndjson) => match &ndjson.to {
            NdjsonTarget::Stdout => Some(("to", "-".into())),
            NdjsonTarget::File(path) => Some(("to", format!("path {}", path.display()))),
            NdjsonTarget::Listen(SocketTarget::Unix(path)) => Some(("to", format!("path {}", path.display()))),
            NdjsonTarget::Listen(SocketTarget::Tcp(at)) => Some(("to", format!("port {at}"))),
            NdjsonTarget::Connect(_) => None,
        },
        SinkTarget::Mqtt(mqtt) => Some(("client_id", format!("client {} {}", mqtt.broker, mqtt.client_id.as_ref()?))),
        SinkTarget::Rerun(rerun) => match &rerun.to {
            RerunTarget::File(path) => Some(("to", format!("path {}", path.display()))),
            RerunTarget::Viewer(_) => None,
        },
        SinkTarget::Rtsp(_) | SinkTarget::Zenoh(_) => None,
    }
}

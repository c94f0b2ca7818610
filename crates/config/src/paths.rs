use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::http::HttpConfig;
use crate::sink::SinkTarget;
use crate::values::{CheckpointSpec, NdjsonTarget, RerunTarget, SocketTarget, Source};

/// Makes every path absolute: they are relative to the configuration file.
pub(crate) fn resolve(config: &mut Config, base: &Path) {
    for path in all(config) {
        *path = base.join(&path);
    }
}

fn all(config: &mut Config) -> Vec<&mut PathBuf> {
    let mut paths: Vec<&mut PathBuf> = config.state.directory.iter_mut().collect();
    paths.extend(of_server(&mut config.http));
    if let CheckpointSpec::File(path) = &mut config.model.checkpoint {
        paths.push(path);
    }
    for stream in &mut config.streams {
        if let Source::Path(path) = &mut stream.source {
            paths.push(path);
        }
        paths.extend(&mut stream.tls_certificate);
        paths.extend(stream.prompts.iter_mut().filter_map(|prompt| prompt.mask.as_mut()));
    }
    paths.extend(config.sinks.iter_mut().filter_map(|sink| of_target(&mut sink.target)));
    paths
}

fn of_server(http: &mut HttpConfig) -> impl Iterator<Item = &mut PathBuf> {
    let files = [&mut http.token_file, &mut http.tls_certificate, &mut http.tls_key];
    files.into_iter().flatten().chain(&mut http.source_roots)
}

fn of_target(target: &mut SinkTarget) -> Option<&mut PathBuf> {
    match target {
        SinkTarget::File(sink) => Some(&mut sink.directory),
        SinkTarget::Ndjson(sink) => match &mut sink.to {
            NdjsonTarget::File(path)
            | NdjsonTarget::Listen(SocketTarget::Unix(path))
            | NdjsonTarget::Connect(SocketTarget::Unix(path)) => Some(path),
            NdjsonTarget::Stdout
            | NdjsonTarget::Listen(SocketTarget::Tcp(_))
            | NdjsonTarget::Connect(SocketTarget::Tcp(_)) => None,
        },
        SinkTarget::Rerun(sink) => match &mut sink.to {
            RerunTarget::File(path) => Some(path),
            RerunTarget::Viewer(_) => None,
        },
        SinkTarget::Rtsp(_) | SinkTarget::Mqtt(_) | SinkTarget::Zenoh(_) => None,
    }
}

//! From a sink's configuration to a sink that runs.

use std::time::Duration;

use maskd_config::{Credentials, QueuePolicy, Secret, SinkConfig, SinkTarget, SocketTarget};
use maskd_output::message::MessageForm;
use maskd_output::mqtt::{self, MqttBroker, MqttConfig, MqttTopics, Qos};
use maskd_output::ndjson::{self, NdjsonTarget, ServerConfig, SocketAddress};
use maskd_output::outlet::{MakeSink, Outlet, OutletConfig, OutletState, Policy};
use maskd_output::recording::{RecordingConfig, RecordingSink};
use maskd_output::rtsp::{RtspConfig, RtspLogin, RtspSink};

use maskd_output::video::Container;

use crate::DaemonError;

/// How long the tracker waits at most for a sink that is to miss no frame of a file.
const BLOCK: Duration = Duration::from_secs(10);

/// Starts the thread and the queue of a sink. What it writes to need not be there yet: the sink is made again until it is.
///
/// # Errors
/// [`DaemonError::NoSuchSink`] where this build does not have the kind, [`DaemonError::Sink`] where no thread is left.
pub(crate) fn outlet(config: &SinkConfig, credentials: &Credentials) -> Result<Outlet, DaemonError> {
    let policy = match config.policy {
        QueuePolicy::Latest => Policy::Latest,
        QueuePolicy::DropOldest => Policy::DropOldest,
        QueuePolicy::Block => Policy::Block { at_most: BLOCK },
    };
    let settings = OutletConfig { capacity: config.queue, ..OutletConfig::new(config.name.clone(), policy) };
    let (name, kind) = (config.name.clone(), config.target.kind());
    let report = move |state: &OutletState| match state {
        OutletState::Failed(reason) => tracing::error!(sink = name, kind, %reason, "a sink failed; it is tried again"),
        state => tracing::info!(sink = name, kind, state = state.name(), "sink"),
    };
    let failed = |source| DaemonError::Sink { name: config.name.clone(), source };
    Outlet::start(settings, maker(config, credentials)?, report).map_err(failed)
}

pub(crate) fn maker(config: &SinkConfig, credentials: &Credentials) -> Result<MakeSink, DaemonError> {
    match &config.target {
        SinkTarget::Ndjson(sink) => Ok(lines(&sink.to)),
        SinkTarget::Mqtt(sink) => Ok(mqtt::maker(broker(sink, credentials))),
        SinkTarget::File(sink) => {
            let config = recording(sink);
            Ok(Box::new(move || Ok(Box::new(RecordingSink::create(config.clone())?))))
        }
        SinkTarget::Rtsp(sink) => {
            let config = server(sink, credentials);
            Ok(Box::new(move || Ok(Box::new(RtspSink::create(config.clone())?))))
        }
        #[cfg(feature = "zenoh")]
        SinkTarget::Zenoh(sink) => Ok(maskd_output::zenoh::maker(peer(sink))),
        #[cfg(feature = "rerun")]
        SinkTarget::Rerun(sink) => Ok(maskd_output::rerun::maker(scene(sink))),
        #[cfg(not(all(feature = "rerun", feature = "zenoh")))]
        other => Err(DaemonError::NoSuchSink { name: config.name.clone(), kind: other.kind() }),
    }
}

fn lines(to: &maskd_config::NdjsonTarget) -> MakeSink {
    let target = match to {
        maskd_config::NdjsonTarget::Stdout => NdjsonTarget::Standard,
        maskd_config::NdjsonTarget::File(path) => NdjsonTarget::File(path.clone()),
        maskd_config::NdjsonTarget::Listen(at) => NdjsonTarget::Listen(socket(at)),
        maskd_config::NdjsonTarget::Connect(at) => NdjsonTarget::Connect(socket(at)),
    };
    // A daemon that was restarted goes on with its file.
    ndjson::maker(target, true, ServerConfig::default(), Default::default())
}

fn socket(at: &SocketTarget) -> SocketAddress {
    match at {
        SocketTarget::Unix(path) => SocketAddress::Unix(path.clone()),
        SocketTarget::Tcp(at) => SocketAddress::Tcp(at.to_string()),
    }
}

fn recording(sink: &maskd_config::FileSink) -> RecordingConfig {
    RecordingConfig {
        directory: sink.directory.clone(),
        container: match sink.container {
            maskd_config::Container::Mp4 => Container::Mp4,
            maskd_config::Container::Mkv => Container::Mkv,
        },
        segment: sink.segment,
        quota_bytes: Some(sink.quota_bytes),
        reserve_bytes: sink.reserve_bytes,
        masks: sink.masks,
        ndjson: sink.ndjson,
        ..RecordingConfig::default()
    }
}

fn broker(sink: &maskd_config::MqttSink, credentials: &Credentials) -> MqttConfig {
    let at = &sink.broker;
    let broker = MqttBroker { host: at.at.host.clone(), port: at.at.port, tls: at.tls, ca: None };
    let qos = Qos::try_from(sink.qos).unwrap_or(Qos::AtMostOnce);
    let mut config = MqttConfig::new(broker);
    config.credentials = credentials.user.as_ref().map(|user| mqtt::Credentials {
        user: user.reveal().to_owned(),
        password: revealed(credentials.password.as_ref()),
    });
    config.client_id = sink.client_id.clone();
    config.topics = MqttTopics::with_prefix(&sink.topic);
    (config.qos.objects, config.qos.events) = (qos, qos);
    config.form = MessageForm { masks: sink.masks };
    config.keep_alive = sink.keep_alive;
    config
}

fn server(sink: &maskd_config::RtspSink, credentials: &Credentials) -> RtspConfig {
    let mut config = RtspConfig {
        address: sink.listen.ip(),
        port: sink.listen.port(),
        masks: sink.masks,
        key_frame_interval: sink.key_frame_interval,
        quality: sink.quality,
        max_bitrate_kbit_s: sink.max_bitrate_kbps,
        max_players: sink.max_players,
        ..RtspConfig::default()
    };
    config.login = credentials
        .user
        .as_ref()
        .map(|user| RtspLogin { user: user.reveal().to_owned(), password: revealed(credentials.password.as_ref()) });
    config
}

#[cfg(feature = "zenoh")]
fn peer(sink: &maskd_config::ZenohSink) -> maskd_output::zenoh::ZenohConfig {
    use maskd_output::zenoh::{ZenohConfig, ZenohFormat};
    ZenohConfig {
        connect: sink.connect.clone(),
        listen: sink.listen.clone(),
        prefix: sink.key.clone(),
        format: match sink.format {
            maskd_config::ZenohFormat::Cdr => ZenohFormat::Cdr,
            maskd_config::ZenohFormat::Json => ZenohFormat::Json,
            maskd_config::ZenohFormat::Both => ZenohFormat::Both,
        },
    }
}

#[cfg(feature = "rerun")]
fn scene(sink: &maskd_config::RerunSink) -> maskd_output::rerun::RerunConfig {
    use maskd_output::rerun::{RerunConfig, RerunTarget};
    let target = match &sink.to {
        maskd_config::RerunTarget::File(path) => RerunTarget::File(path.clone()),
        maskd_config::RerunTarget::Viewer(address) => RerunTarget::Viewer(address.clone()),
    };
    RerunConfig { quota_bytes: Some(sink.quota_bytes), ..RerunConfig::new(target) }
}

fn revealed(secret: Option<&Secret>) -> String {
    secret.map(|secret| secret.reveal().to_owned()).unwrap_or_default()
}

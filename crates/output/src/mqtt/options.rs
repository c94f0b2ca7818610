use std::fs;
use std::hash::{BuildHasher, RandomState};

use rumqttc::{Broker, LastWill, MqttOptions, PublishOptions, QoS, TlsConfiguration, Transport};

use super::{MqttConfig, Qos};
use crate::OutputError;

/// What [`MqttTopics::status`](super::MqttTopics::status) says after the connection ended.
pub(super) const OFFLINE: &str = "offline";

/// The most that MQTT can carry.
const LARGEST_MESSAGE: usize = 256 * 1024 * 1024 - 1;
/// Nothing is subscribed to, so nothing large comes in.
const LARGEST_ANSWER: usize = 64 * 1024;
/// Messages on the way to the broker without its acknowledgement; with as many outstanding, no further one is taken.
const IN_FLIGHT: u16 = 16;

/// The client's settings, with files read.
pub(super) fn options(config: &MqttConfig) -> Result<MqttOptions, OutputError> {
    let broker = &config.broker;
    // The client joins host and port to one text.
    let host = if broker.host.contains(':') { format!("[{}]", broker.host) } else { broker.host.clone() };
    let id = config.client_id.clone().unwrap_or_else(made_up_id);
    let mut options = MqttOptions::new(id, Broker::tcp(host, broker.port));
    if broker.tls {
        options.set_transport(Transport::tls_with_config(tls(config)?));
    }
    if let Some(credentials) = &config.credentials {
        options.set_credentials(credentials.user.clone(), credentials.password.clone());
    }
    let will = LastWill::new(config.topics.status.clone(), OFFLINE, level(config.qos.status), true);
    let keep_alive = u16::try_from(config.keep_alive.as_secs()).unwrap_or(u16::MAX).max(1);
    options.set_last_will(will).set_keep_alive(keep_alive).set_clean_session(true);
    options.set_max_packet_size(LARGEST_ANSWER, LARGEST_MESSAGE).set_max_request_batch(4).set_inflight(IN_FLIGHT);
    Ok(options)
}

fn tls(config: &MqttConfig) -> Result<TlsConfiguration, OutputError> {
    let broker = config.broker.to_string();
    match &config.broker.ca {
        Some(path) => {
            let ca = fs::read(path).map_err(|source| OutputError::Read { path: path.clone(), source })?;
            Ok(TlsConfiguration::Simple { ca, alpn: None, client_auth: None })
        }
        None => TlsConfiguration::try_default_rustls()
            .map_err(|source| OutputError::Broker { broker, source: Box::new(source.into()) }),
    }
}

/// Twenty-two letters and digits, which every broker accepts.
fn made_up_id() -> String {
    format!("maskd{:016x}", RandomState::new().hash_one(std::process::id()))
}

pub(super) fn publish(qos: Qos, retain: bool) -> PublishOptions {
    PublishOptions::new(level(qos)).retain(retain)
}

fn level(qos: Qos) -> QoS {
    match qos {
        Qos::AtMostOnce => QoS::AtMostOnce,
        Qos::AtLeastOnce => QoS::AtLeastOnce,
        Qos::ExactlyOnce => QoS::ExactlyOnce,
    }
}

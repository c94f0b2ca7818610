use std::fmt;
use std::time::Duration;

use super::{MqttBroker, MqttTopics};
use crate::message::MessageForm;

/// Where to publish, what, and how.
#[derive(Clone, Debug)]
pub struct MqttConfig {
    /// The broker.
    pub broker: MqttBroker,
    /// Who we are to the broker, where it asks.
    pub credentials: Option<Credentials>,
    /// Our name at the broker; it throws out an older client of the same name. `None`: one made up by chance.
    pub client_id: Option<String>,
    /// Where messages go.
    pub topics: MqttTopics,
    /// How surely they arrive.
    pub qos: MqttQos,
    /// What messages about frames hold.
    pub form: MessageForm,
    /// How often the broker is asked for a sign of life.
    pub keep_alive: Duration,
    /// How long the broker may take to accept the connection, to answer, or to take a message.
    pub patience: Duration,
}

impl MqttConfig {
    /// The usual topics under `maskd`, no masks, a sign of life every 10 s, 5 s of patience.
    pub fn new(broker: MqttBroker) -> Self {
        Self {
            broker,
            credentials: None,
            client_id: None,
            topics: MqttTopics::with_prefix("maskd"),
            qos: MqttQos::default(),
            form: MessageForm { masks: false },
            keep_alive: Duration::from_secs(10),
            patience: Duration::from_secs(5),
        }
    }
}

/// User and password. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user's name.
    pub user: String,
    /// The password.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(***)")
    }
}

/// How surely messages arrive, by kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MqttQos {
    /// States of the daemon and of streams.
    pub status: Qos,
    /// Frames.
    pub objects: Qos,
    /// Events of objects.
    pub events: Qos,
}

impl Default for MqttQos {
    fn default() -> Self {
        Self { status: Qos::AtLeastOnce, objects: Qos::AtMostOnce, events: Qos::AtLeastOnce }
    }
}

/// MQTT's quality of service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qos {
    /// 0: sent and forgotten.
    AtMostOnce,
    /// 1: repeated until acknowledged, as long as the connection lasts.
    AtLeastOnce,
    /// 2: acknowledged both ways.
    ExactlyOnce,
}

impl TryFrom<u8> for Qos {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        match number {
            0 => Ok(Self::AtMostOnce),
            1 => Ok(Self::AtLeastOnce),
            2 => Ok(Self::ExactlyOnce),
            _ => Err("quality of service is 0 (at most once), 1 (at least once) or 2 (exactly once)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_never_shown() {
        let mut config = MqttConfig::new("mqtt://broker".parse().unwrap());
        config.credentials = Some(Credentials { user: "robin".into(), password: "hunter2".into() });
        let shown = format!("{config:?}");
        assert!(shown.contains("***") && !shown.contains("hunter2") && !shown.contains("robin"), "{shown}");
    }
}

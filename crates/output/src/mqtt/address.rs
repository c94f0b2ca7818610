use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::OutputError;

/// Where a broker is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MqttBroker {
    /// Host name or address, an IPv6 address without brackets.
    pub host: String,
    /// Port; 1883 is usual, with TLS 8883.
    pub port: u16,
    /// Whether the connection is encrypted and the broker's certificate checked.
    pub tls: bool,
    /// PEM file with the authorities to trust instead of the system's; only with TLS.
    pub ca: Option<PathBuf>,
}

impl FromStr for MqttBroker {
    type Err = OutputError;

    /// Reads `mqtt://host`, `mqtts://host:port`. User and password do not belong into an address.
    fn from_str(text: &str) -> Result<Self, OutputError> {
        parse(text).ok_or_else(|| OutputError::Address {
            found: without_user(text),
            accepted: "mqtt://HOST[:PORT] or mqtts://HOST[:PORT], user and password apart from it",
        })
    }
}

fn parse(text: &str) -> Option<MqttBroker> {
    let (scheme, rest) = text.split_once("://")?;
    let (tls, usual) = match scheme {
        "mqtt" => (false, 1883),
        "mqtts" => (true, 8883),
        _ => return None,
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = match rest.strip_prefix('[') {
        Some(bracketed) => bracketed.split_once(']')?,
        None => rest.split_at(rest.find(':').unwrap_or(rest.len())),
    };
    let port = match port.strip_prefix(':') {
        Some(port) => port.parse().ok().filter(|port| *port != 0)?,
        None if port.is_empty() => usual,
        None => return None,
    };
    let is_host = !host.is_empty() && !host.contains(['/', '@', '?', '#', ' ']);
    is_host.then(|| MqttBroker { host: host.into(), port, tls, ca: None })
}

/// What was found may be shown, a password in it may not.
fn without_user(text: &str) -> String {
    match (text.split_once("://"), text.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://***@{host}"),
        _ => text.into(),
    }
}

impl fmt::Display for MqttBroker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "mqtts" } else { "mqtt" };
        if self.host.contains(':') {
            write!(f, "{scheme}://[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{scheme}://{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_shown() {
        for (text, shown) in [
            ("mqtt://broker", "mqtt://broker:1883"),
            ("mqtts://broker/", "mqtts://broker:8883"),
            ("mqtt://127.0.0.1:1884", "mqtt://127.0.0.1:1884"),
            ("mqtt://[::1]:1884", "mqtt://[::1]:1884"),
            ("mqtts://[fe80::1]", "mqtts://[fe80::1]:8883"),
        ] {
            assert_eq!(text.parse::<MqttBroker>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_telling_the_password() {
        let texts = ["broker", "http://broker", "mqtt://", "mqtt://b:0", "mqtt://b:x", "mqtt://[::1]x", "mqtt://a/b"];
        for text in texts {
            assert!(text.parse::<MqttBroker>().is_err(), "{text}");
        }
        let error = "mqtt://me:secret@broker".parse::<MqttBroker>().unwrap_err().to_string();
        assert!(error.contains("mqtt://***@broker") && !error.contains("secret"), "{error}");
    }
}

use std::fmt;
use std::str::FromStr;

use url::Url;

use super::ValueError;

/// A host and a port, `[...]` around IPv6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPort {
    /// Name or address; an IPv6 address without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

/// Takes `scheme://host:port` apart; nothing else may be in it.
pub(super) fn plain(text: &str, default_port: Option<u16>) -> Result<(String, HostPort), ValueError> {
    let url = Url::parse(text).map_err(|error| ValueError::new(error.to_string()))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(ValueError::new("user and password do not belong into it"));
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err(ValueError::new("more than host and port"));
    }
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| ValueError::new("it names no host"))?;
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let port = url.port().or(default_port).filter(|port| *port != 0);
    let port = port.ok_or_else(|| ValueError::new("it names no port"))?;
    Ok((url.scheme().to_owned(), HostPort { host, port }))
}

/// Where an MQTT broker is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerAddress {
    /// Whether the connection is encrypted (`mqtts://`).
    pub tls: bool,
    /// Host, and port (1883 where none is given, 8883 with TLS).
    pub at: HostPort,
}

impl FromStr for BrokerAddress {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let tls = text.starts_with("mqtts:");
        let (scheme, at) = plain(text, Some(if tls { 8883 } else { 1883 }))?;
        match scheme.as_str() {
            "mqtt" | "mqtts" => Ok(Self { tls, at }),
            _ => Err(ValueError::new("neither mqtt:// nor mqtts://")),
        }
    }
}

impl fmt::Display for BrokerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.tls { "mqtts" } else { "mqtt" }, self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brokers_have_a_port_of_their_own() {
        for (text, printed) in [
            ("mqtt://broker", "mqtt://broker:1883"),
            ("mqtts://broker/", "mqtts://broker:8883"),
            ("mqtt://10.0.0.1:1884", "mqtt://10.0.0.1:1884"),
            ("mqtt://[::1]:1883", "mqtt://[::1]:1883"),
        ] {
            assert_eq!(text.parse::<BrokerAddress>().unwrap().to_string(), printed);
        }
    }

    #[test]
    fn what_is_no_broker_is_refused_without_repeating_it() {
        for text in ["broker:1883", "http://broker", "mqtt://", "mqtt://u:hunter2@b", "mqtt://b/topic", "mqtt://b:0"] {
            let error = text.parse::<BrokerAddress>().unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}

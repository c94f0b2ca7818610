use serde::Serialize;
use zenoh::key_expr::KeyExpr;
use zenoh::{Config, Session, Wait};

use super::ZenohConfig;
use crate::OutputError;

/// Batches of 64 KB that wait for a connection in the priority of masks, the most that Zenoh allows: a mask of 1280x720 pixels.
const MASK_BATCHES: u8 = 16;

/// How long a connection is waited for within a message that needs more than that; less than a frame lasts.
const MASK_PATIENCE_US: u32 = 20_000;

/// Where to listen when nobody says.
const LOOPBACK: &str = "tcp/127.0.0.1:0";

/// Opens a session as a peer. Who is to be connected to need not be there.
pub(super) fn open(config: &ZenohConfig) -> Result<Session, OutputError> {
    check_prefix(&config.prefix)?;
    config.connect.iter().chain(&config.listen).try_for_each(|endpoint| check(endpoint))?;
    let settings = settings(config).map_err(failed("cannot be set up"))?;
    zenoh::open(settings).wait().map_err(failed("cannot be opened"))
}

/// Wraps what Zenoh says; `what` goes on from the word Zenoh.
pub(super) fn failed(what: &'static str) -> impl Fn(zenoh::Error) -> OutputError {
    move |source| OutputError::Zenoh { what, source }
}

fn check(endpoint: &str) -> Result<(), OutputError> {
    let known = endpoint.starts_with("tcp/");
    known.then_some(()).ok_or_else(|| OutputError::Address {
        found: endpoint.into(),
        accepted: "tcp/HOST:PORT, since this build has no other transport",
    })
}

/// A wildcard would publish under names that others own.
fn check_prefix(prefix: &str) -> Result<(), OutputError> {
    let plain = KeyExpr::try_from(prefix).is_ok_and(|key| !key.is_wild());
    plain.then_some(()).ok_or_else(|| OutputError::Address {
        found: prefix.into(),
        accepted: "parts with / between them, none of them empty, without *, $, ? and #",
    })
}

fn settings(config: &ZenohConfig) -> zenoh::Result<Config> {
    let mut settings = Config::default();
    set(&mut settings, "mode", "peer")?;
    set(&mut settings, "connect/endpoints", &config.connect)?;
    // Who is told where to connect is not to be found by everybody else on the network.
    set(&mut settings, "scouting/multicast/enabled", config.connect.is_empty())?;
    // Left to itself a peer listens on all interfaces, and a camera is private.
    let loopback = [LOOPBACK.to_owned()];
    set(&mut settings, "listen/endpoints", if config.listen.is_empty() { &loopback[..] } else { &config.listen })?;
    let queue = |key: &str| format!("transport/link/tx/queue/{key}");
    set(&mut settings, &queue("size/data_low"), MASK_BATCHES)?;
    set(&mut settings, &queue("congestion_control/drop/max_wait_before_drop_fragments"), MASK_PATIENCE_US)?;
    Ok(settings)
}

fn set(settings: &mut Config, key: &str, value: impl Serialize) -> zenoh::Result<()> {
    settings.insert_json5(key, &serde_json::to_string(&value)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_endpoints_that_this_build_can_reach_are_taken() {
        let config = |endpoint: &str| ZenohConfig { connect: vec![endpoint.into()], ..ZenohConfig::default() };
        for endpoint in ["tls/host:7447", "host:7447", "", "udp/[::1]:7447"] {
            let error = open(&config(endpoint)).unwrap_err();
            assert!(matches!(&error, OutputError::Address { found, .. } if found == endpoint), "{error}");
        }
    }

    #[test]
    fn peers_are_looked_for_only_where_none_is_named() {
        let multicast = |connect: &[&str]| {
            let connect = connect.iter().map(|text| text.to_string()).collect();
            let config = settings(&ZenohConfig { connect, ..ZenohConfig::default() }).unwrap();
            config.get_json("scouting/multicast/enabled").unwrap()
        };
        assert_eq!(multicast(&[]), "true");
        assert_eq!(multicast(&["tcp/127.0.0.1:7447"]), "false");
    }
}

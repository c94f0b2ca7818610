//! Every key of the table can be set from the environment, and arrives.

use std::collections::BTreeSet;

use maskd_config::Config;
use serde_json::Value;

use crate::support::{bad, good};

/// One stream and one sink of each kind, named as in the reference.
const BASE: &str = r#"
[[stream]]
name = "front-yard"
source = "rtsp://cam/live"
[[stream.prompt]]
object = 1
points = [[5, 5, 1]]
[[stream.prompt]]
object = 2
box = [1, 2, 3, 4]
[[stream]]
name = "disk"
source = "a.mp4"
[[sink]]
kind = "rtsp"
name = "rtsp"
user_env = "U"
password_env = "P"
[[sink]]
kind = "file"
name = "file"
directory = "rec"
[[sink]]
kind = "ndjson"
name = "ndjson"
[[sink]]
kind = "mqtt"
name = "mqtt"
broker = "mqtt://b"
user_env = "U"
password_env = "P"
[[sink]]
kind = "zenoh"
name = "zenoh"
[[sink]]
kind = "rerun"
name = "rerun"
to = "x.rrd"
streams = ["disk"]
"#;

/// A value for every key that is not what `BASE` has: the variable without its prefix, and its text.
const OTHERS: &[(&str, &str)] = &[
    ("MODEL__CHECKPOINT", "sam2.1-tiny"),
    ("MODEL__DEVICE", "cuda:1"),
    ("MODEL__PRECISION", "bf16"),
    ("MODEL__IMAGE_SIZE", "512"),
    ("MODEL__THREADS", "3"),
    ("TRACKING__KEEP_TRACKS_S", "2.5"),
    ("TRACKING__LOST_AFTER_FRAMES", "31"),
    ("TRACKING__FILL_HOLES_AREA", "8"),
    ("TRACKING__NO_OVERLAP", "true"),
    ("TRACKING__MAX_OBJECTS", "2"),
    ("TRACKING__PROMPT_RING_FRAMES", "0"),
    ("HTTP__ENABLED", "false"),
    ("HTTP__LISTEN", "[::1]:9000"),
    ("HTTP__TOKEN_ENV", "T"),
    ("HTTP__TOKEN_FILE", "token"),
    ("HTTP__TLS_CERTIFICATE", "c.pem"),
    ("HTTP__TLS_KEY", "k.pem"),
    ("HTTP__ALLOW_PLAIN_HTTP", "true"),
    ("HTTP__ORIGINS", "[\"https://wall.example:8443\"]"),
    ("HTTP__SOURCE_SCHEMES", "[\"scene\"]"),
    ("HTTP__SOURCE_ROOTS", "[\"clips\", \"/srv\"]"),
    ("HTTP__MAX_STREAMS", "3"),
    ("HTTP__MAX_VIEWERS", "0"),
    ("HTTP__PROMPTS_PER_SECOND", "0.5"),
    ("HTTP__MAX_BODY_BYTES", "1 MiB"),
    ("HTTP__MAX_CONNECTIONS", "8"),
    ("HTTP__HEADER_TIMEOUT_S", "2.5"),
    ("STATE__DIRECTORY", "state"),
    ("LOG__LEVEL", "warn"),
    ("LOG__FORMAT", "json"),
    ("SHUTDOWN__DRAIN_S", "1"),
    ("STREAM__FRONT_YARD__NAME", "garden"),
    ("STREAM__FRONT_YARD__SOURCE", "rtsp://other/live"),
    ("STREAM__FRONT_YARD__USER_ENV", "CAM_USER"),
    ("STREAM__FRONT_YARD__PASSWORD_ENV", "CAM_PASSWORD"),
    ("STREAM__FRONT_YARD__TRANSPORT", "udp"),
    ("STREAM__FRONT_YARD__TLS_CERTIFICATE", "yard.pem"),
    ("STREAM__FRONT_YARD__LATENCY_MS", "50"),
    ("STREAM__FRONT_YARD__REPEAT", "true"),
    ("STREAM__FRONT_YARD__REALTIME", "true"),
    ("STREAM__FRONT_YARD__MAX_PIXELS", "1000000"),
    ("STREAM__FRONT_YARD__STALL_S", "8"),
    ("STREAM__FRONT_YARD__PROMPT__0__OBJECT", "7"),
    ("STREAM__FRONT_YARD__PROMPT__0__NAME", "gate"),
    ("STREAM__FRONT_YARD__PROMPT__0__FRAME", "12"),
    ("STREAM__FRONT_YARD__PROMPT__0__POINTS", "[[1, 2, 1], [3, 4, 0]]"),
    ("STREAM__FRONT_YARD__PROMPT__1__BOX", "[0, 0, 10, 10]"),
    ("STREAM__FRONT_YARD__PROMPT__1__MASK", "m.png"),
    ("SINK__NDJSON__KIND", "ndjson"),
    ("SINK__RTSP__NAME", "tv"),
    ("SINK__RTSP__STREAMS", "[\"disk\"]"),
    ("SINK__RTSP__QUEUE", "2"),
    ("SINK__RTSP__POLICY", "drop_oldest"),
    ("SINK__RTSP__LISTEN", "127.0.0.1:9554"),
    ("SINK__RTSP__KEY_FRAME_INTERVAL_S", "1"),
    ("SINK__RTSP__MASKS", "true"),
    ("SINK__RTSP__USER_ENV", "TV_USER"),
    ("SINK__RTSP__PASSWORD_ENV", "TV_PASSWORD"),
    ("SINK__RTSP__MAX_BITRATE_KBPS", "900"),
    ("SINK__RTSP__MAX_PLAYERS", "2"),
    ("SINK__RTSP__QUALITY", "30"),
    ("SINK__FILE__DIRECTORY", "elsewhere"),
    ("SINK__FILE__CONTAINER", "mp4"),
    ("SINK__FILE__SEGMENT_S", "10"),
    ("SINK__FILE__QUOTA_BYTES", "1 TB"),
    ("SINK__FILE__RESERVE_BYTES", "0"),
    ("SINK__FILE__MASKS", "true"),
    ("SINK__FILE__NDJSON", "true"),
    ("SINK__NDJSON__TO", "unix:/run/x.sock"),
    ("SINK__MQTT__BROKER", "mqtts://b"),
    ("SINK__MQTT__CLIENT_ID", "42"),
    ("SINK__MQTT__USER_ENV", "MQTT_USER"),
    ("SINK__MQTT__PASSWORD_ENV", "MQTT_PASSWORD"),
    ("SINK__MQTT__TOPIC", "plant/line1"),
    ("SINK__MQTT__QOS", "1"),
    ("SINK__MQTT__MASKS", "false"),
    ("SINK__MQTT__KEEP_ALIVE_S", "60"),
    ("SINK__ZENOH__CONNECT", "[\"tcp/10.0.0.1:7447\"]"),
    ("SINK__ZENOH__LISTEN", "[\"tcp/127.0.0.1:7447\"]"),
    ("SINK__ZENOH__KEY", "robot/eyes"),
    ("SINK__ZENOH__FORMAT", "cdr"),
    ("SINK__RERUN__TO", "y.rrd"),
    ("SINK__RERUN__QUOTA_BYTES", "1 TB"),
];

/// What some keys cannot do without: another one, set in the same way.
fn companion(variable: &str) -> Option<(&'static str, &'static str)> {
    match variable.to_uppercase().as_str() {
        "STREAM__FRONT_YARD__PASSWORD_ENV" => Some(("MASKD__STREAM__FRONT_YARD__USER_ENV", "CAM_USER")),
        _ => None,
    }
}

fn with(variable: &str, value: &str) -> Config {
    let name = format!("MASKD__{variable}");
    let more = companion(variable);
    let variables: Vec<(&str, &str)> = std::iter::once((name.as_str(), value)).chain(more).collect();
    good(&base(variable), &variables).config
}

#[test]
fn every_key_arrives() {
    for (variable, value) in OTHERS {
        let same = *variable == "SINK__NDJSON__KIND";
        let changed = with(variable, value) != companion_only(variable);
        assert_eq!(changed, !same, "{variable}={value}");
        let lower = with(&variable.to_lowercase(), value);
        assert_eq!(lower, with(variable, value), "{variable} in lower case");
    }
}

fn companion_only(variable: &str) -> Config {
    good(&base(variable), companion(variable).as_slice()).config
}

/// `BASE` with what the key cannot do without in the file itself.
fn base(variable: &str) -> String {
    match variable.to_uppercase().as_str() {
        // A mask excludes the box that is there.
        name if name.ends_with("__MASK") => BASE.replace("box = [1, 2, 3, 4]", "mask = 'n.png'"),
        name if name.starts_with("HTTP__TLS_") => {
            format!("[http]\ntls_certificate = 'other.pem'\ntls_key = 'other.pem'\n{BASE}")
        }
        _ => BASE.into(),
    }
}

#[test]
fn no_key_is_left_out_of_this_test() {
    let mut known = BTreeSet::new();
    collect("", &maskd_config::json_schema(), &mut known);
    let tried: BTreeSet<String> = OTHERS.iter().map(|(variable, _)| shape(variable)).collect();
    let missing: Vec<_> = known.difference(&tried).collect();
    assert!(known.len() > 50 && missing.is_empty(), "{missing:?}");
}

/// Without the names of streams and sinks; all sinks share the keys that all have.
fn shape(variable: &str) -> String {
    let parts: Vec<&str> = variable.split("__").collect();
    match parts.as_slice() {
        ["STREAM", _, "PROMPT", _, key] => format!("stream.prompt.{}", key.to_lowercase()),
        ["STREAM", _, key] => format!("stream.{}", key.to_lowercase()),
        ["SINK", _, key @ ("KIND" | "NAME" | "STREAMS" | "QUEUE" | "POLICY")] => format!("sink.{}", key.to_lowercase()),
        ["SINK", name, key] => format!("sink.{}.{}", name.to_lowercase(), key.to_lowercase()),
        other => other.join(".").to_lowercase(),
    }
}

/// All keys of a JSON Schema.
fn collect(prefix: &str, schema: &Value, keys: &mut BTreeSet<String>) {
    if let Some(kinds) = schema.pointer("/items/oneOf").and_then(Value::as_array) {
        for kind in kinds {
            let name = kind["properties"]["kind"]["const"].as_str().unwrap();
            for key in kind["properties"].as_object().unwrap().keys() {
                let shared = ["kind", "name", "streams", "queue", "policy"].contains(&key.as_str());
                keys.insert(if shared { format!("sink.{key}") } else { format!("sink.{name}.{key}") });
            }
        }
        return;
    }
    let table = schema.get("properties").or_else(|| schema.pointer("/items/properties"));
    match table.and_then(Value::as_object) {
        Some(table) => {
            for (name, inner) in table {
                collect(&if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") }, inner, keys);
            }
        }
        None => drop(keys.insert(prefix.to_owned())),
    }
}

#[test]
fn the_environment_counts_more_than_the_file() {
    let config = good(&format!("http.enabled = 'broken'\n{BASE}"), &[("maskd__http__enabled", "false")]).config;
    assert!(!config.http.enabled);
    let config = good(BASE, &[("MASKD__SINK__NDJSON__KIND", "file"), ("MASKD__SINK__NDJSON__DIRECTORY", "r2")]).config;
    assert_eq!(config.sink("ndjson").unwrap().target.kind(), "file");
}

#[test]
fn variables_that_name_no_key_or_two_are_findings() {
    for (variable, part) in [
        ("MASKD__STREAM__GARDEN__SOURCE", "a variable for no key"),
        ("MASKD__STREAM__FRONT_YARD__PROMPT__2__BOX", "a variable for no key"),
        ("MASKD__HTTP", "a variable for no key"),
        ("MASKD__", "a variable for no key"),
        ("MASKD__SINK__NDJSON__TOPIC", "sink.ndjson.topic: found an unknown key"),
    ] {
        let found = bad(BASE, &[(variable, "1")]);
        assert!(found.len() == 1 && found[0].contains(part) && found[0].contains(variable), "{found:#?}");
    }
    let twins = "[[stream]]\nname = 'a-b'\nsource = 'x'\n[[stream]]\nname = 'A_B'\nsource = 'y'\n";
    assert!(bad(twins, &[("MASKD__STREAM__A_B__REPEAT", "true")])[0].contains("a variable for 2 keys"));
    assert_eq!(good(twins, &[("MASKDX", "1"), ("MASKD_LOG", "1")]).config.streams.len(), 2);
}

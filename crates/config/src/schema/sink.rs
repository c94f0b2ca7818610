use super::format::{BROKER, ENDPOINT, KEY_EXPRESSION, LABEL, LISTEN, NAME, NDJSON, PATH, RERUN, TOPIC, VARIABLE};
use super::{Key, Kind, Section, SinkKind};

pub(super) const SINK: Section = Section {
    by_kind: true,
    ..Section::many(
        "sink",
        "One place where results go; as many as wanted, each with a thread and a bounded queue of its own, so that a slow one \
         delays nobody.",
        KEYS,
    )
};

const KEYS: &[Key] = &[
    Key::required(
        "kind",
        Kind::Word(&["rtsp", "file", "ndjson", "mqtt", "zenoh", "rerun"]),
        r#""ndjson""#,
        "What it is; the other keys depend on it.",
    ),
    Key::required("name", Kind::Text(&NAME), r#""lines""#, "Its name in logs and metrics; no two sinks share one."),
    Key::default("streams", Kind::Texts(&NAME), "[]", "Names of the streams that it takes; empty takes all."),
];

/// Keys that every kind has, with defaults of its own.
pub(crate) const QUEUE_KEYS: [&str; 2] = ["queue", "policy"];

const fn queue(default: &'static str) -> Key {
    Key::default(
        "queue",
        Kind::integer(1, 10_000),
        default,
        "How much may wait for it; with the policy \"latest\" it is one frame per stream, whatever stands here.",
    )
    .unit("frames")
}

const fn policy(words: &'static [&'static str], default: &'static str) -> Key {
    Key::default(
        "policy",
        Kind::Word(words),
        default,
        "What happens when the queue is full: the newest frame replaces the one before, the oldest is dropped, or tracking waits \
         (\"block\": only where all its streams are files, folders or scenes).",
    )
}

const ANY: &[&str] = &["latest", "drop_oldest", "block"];
const NEVER_WAITS: &[&str] = &["latest", "drop_oldest"];
const KEEPS_ORDER: &[&str] = &["drop_oldest", "block"];

/// The kinds, in the order of the reference.
pub(crate) const SINK_KINDS: [SinkKind; 6] = [
    SinkKind {
        name: "rtsp",
        docs: "The annotated stream as H.264, for any player: rtsp://HOST:PORT/STREAM.",
        feature: None,
        keys: RTSP,
    },
    SinkKind { name: "file", docs: "Recordings in segments, within a quota.", feature: None, keys: FILE },
    SinkKind { name: "ndjson", docs: "One JSON line per frame and event.", feature: None, keys: NDJSON_KEYS },
    SinkKind { name: "mqtt", docs: "Status, objects and events through an MQTT broker.", feature: None, keys: MQTT },
    SinkKind { name: "zenoh", docs: "ROS 2 messages and JSON over Zenoh.", feature: Some("zenoh"), keys: ZENOH },
    SinkKind {
        name: "rerun",
        docs: "Images, masks and boxes for Rerun's viewer.",
        feature: Some("rerun"),
        keys: RERUN_KEYS,
    },
];

const fn user(docs: &'static str) -> Key {
    Key::optional("user_env", Kind::Text(&VARIABLE), r#""MASKS_USER""#, docs)
}

const fn password(docs: &'static str) -> Key {
    Key::optional("password_env", Kind::Text(&VARIABLE), r#""MASKS_PASSWORD""#, docs)
}

const RTSP: &[Key] = &[
    queue("1"),
    policy(NEVER_WAITS, r#""latest""#),
    Key::default(
        "listen",
        Kind::Text(&LISTEN),
        r#""127.0.0.1:8554""#,
        "Address and port of the server; where others than this machine can reach it, players must log in.",
    ),
    Key::default(
        "key_frame_interval_s",
        Kind::number(0.1, 60.0),
        "2",
        "Longest time between two key frames, which is how long a player that joins may wait.",
    )
    .unit("seconds"),
    Key::default("masks", Kind::Bool, "false", "Whether rtsp://HOST:PORT/STREAM/masks shows nothing but masks."),
    user("The environment variable with the user name that players must give."),
    password("The environment variable with the password that players must give."),
    Key::default("quality", Kind::integer(0, 50), "23", "The look that x264 keeps: 0 is best, 50 worst."),
    Key::default(
        "max_bitrate_kbps",
        Kind::integer(64, 200_000),
        "8000",
        "What a stream may take at most, whatever that does to its look.",
    )
    .unit("thousand bits per second"),
    Key::default("max_players", Kind::integer(1, 1000), "16", "Players at the same time, over all streams."),
];

const FILE: &[Key] = &[
    queue("64"),
    policy(KEEPS_ORDER, r#""drop_oldest""#),
    Key::required("directory", Kind::Text(&PATH), r#""recordings""#, "Where recordings go, a folder per stream."),
    Key::default(
        "container",
        Kind::Word(&["mp4", "mkv"]),
        r#""mkv""#,
        "What video is wrapped in; a segment that was cut off by a crash plays up to there as \"mkv\".",
    ),
    Key::default("segment_s", Kind::number(1.0, 86400.0), "60", "Length of a segment; it ends at the next key frame.")
        .unit("seconds"),
    Key::default(
        "quota_bytes",
        Kind::Bytes { least: 1_000_000 },
        r#""20 GB""#,
        "What recordings may take; the oldest goes first.",
    ),
    Key::default("reserve_bytes", Kind::Bytes { least: 0 }, r#""1 GB""#, "What stays free on the file system."),
    Key::default("masks", Kind::Bool, "false", "Whether masks are recorded as PNG: pixel value = object id."),
    Key::default("ndjson", Kind::Bool, "false", "Whether results are recorded as JSON lines."),
];

const NDJSON_KEYS: &[Key] = &[
    queue("256"),
    policy(ANY, r#""drop_oldest""#),
    Key::default(
        "to",
        Kind::Text(&NDJSON),
        r#""-""#,
        "Where lines go: to everyone who connects, to one who listens (the *-connect forms, tried again when it breaks), or into a file.",
    ),
];

const MQTT: &[Key] = &[
    queue("64"),
    policy(NEVER_WAITS, r#""drop_oldest""#),
    Key::required(
        "broker",
        Kind::Text(&BROKER),
        r#""mqtt://127.0.0.1:1883""#,
        "Where the broker is; mqtts:// encrypts.",
    ),
    Key::optional(
        "client_id",
        Kind::Text(&LABEL),
        r#""maskd-yard""#,
        "Name of this client at the broker, which no other may have; without it, one made up by chance.",
    ),
    user("The environment variable that holds the user name."),
    password("The environment variable that holds the password."),
    Key::default("topic", Kind::Text(&TOPIC), r#""maskd""#, "What every topic begins with."),
    Key::default(
        "qos",
        Kind::integer(0, 2),
        "0",
        "Quality of service of frames and events, 0 at most once, 1 at least once, 2 exactly once; status has 1.",
    ),
    Key::default("masks", Kind::Bool, "true", "Whether messages carry masks, not only boxes and centroids."),
    Key::default("keep_alive_s", Kind::number(5.0, 3600.0), "10", "Longest silence towards the broker.")
        .unit("seconds"),
];

const ZENOH: &[Key] = &[
    queue("64"),
    policy(NEVER_WAITS, r#""latest""#),
    Key::default(
        "connect",
        Kind::Texts(&ENDPOINT),
        "[]",
        "Endpoints to connect to; empty looks for peers by multicast.",
    ),
    Key::default(
        "listen",
        Kind::Texts(&ENDPOINT),
        "[]",
        "Endpoints to listen on; empty takes any port of this machine's own (loopback).",
    ),
    Key::default("key", Kind::Text(&KEY_EXPRESSION), r#""maskd""#, "What every key expression begins with."),
    Key::default(
        "format",
        Kind::Word(&["cdr", "json", "both"]),
        r#""both""#,
        "What is published: ROS 2 messages (CDR), JSON, or both.",
    ),
];

const RERUN_KEYS: &[Key] = &[
    queue("64"),
    policy(ANY, r#""drop_oldest""#),
    Key::required("to", Kind::Text(&RERUN), r#""run.rrd""#, "A file, or a viewer or proxy that listens."),
    Key::default(
        "quota_bytes",
        Kind::Bytes { least: 16_000_000 },
        r#""20 GB""#,
        "What a file may take: at half of it, it becomes NAME.old.rrd in place of the one before, and a new one begins.",
    ),
];

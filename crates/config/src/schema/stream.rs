use super::format::{LABEL, NAME, PATH, SOURCE, VARIABLE};
use super::{Key, Kind, Section};

pub(super) const STREAM: Section =
    Section { sections: &[PROMPT], ..Section::many("stream", "One thing that is watched; as many as wanted.", KEYS) };

const KEYS: &[Key] = &[
    Key::required("name", Kind::Text(&NAME), r#""yard""#, "Its name in every message; no two streams share one."),
    Key::required("source", Kind::Text(&SOURCE), r#""rtsp://192.168.0.20:554/stream1""#, "Where its frames come from."),
    Key::optional(
        "user_env",
        Kind::Text(&VARIABLE),
        r#""YARD_USER""#,
        "The environment variable that holds the camera's user name.",
    ),
    Key::optional(
        "password_env",
        Kind::Text(&VARIABLE),
        r#""YARD_PASSWORD""#,
        "The environment variable that holds the camera's password.",
    ),
    Key::default(
        "transport",
        Kind::Word(&["tcp", "udp"]),
        r#""tcp""#,
        "What RTP travels over; \"udp\" has less delay and loses packets.",
    ),
    Key::optional(
        "tls_certificate",
        Kind::Text(&PATH),
        r#""yard.pem""#,
        "PEM file with the own certificate of a camera at rtsps://, which is then taken whatever name and date it has; without it, the \
         certificate must be signed by somebody whom the system trusts.",
    ),
    Key::default("latency_ms", Kind::integer(0, 60_000), "200", "How long RTSP's jitter buffer holds packets back.")
        .unit("milliseconds"),
    Key::default("repeat", Kind::Bool, "false", "Whether a file starts again at its end; cameras have none."),
    Key::default(
        "realtime",
        Kind::Bool,
        "false",
        "Whether a file or scene is played at its own pace, as if it were a camera: what the tracker is too late for is dropped. \
         Otherwise it waits for the tracker, and no frame is dropped.",
    ),
    Key::default(
        "max_pixels",
        Kind::integer(64, 1 << 30),
        "35389440",
        "Larger frames are refused before they are decoded; the default is 8192 x 4320.",
    )
    .unit("pixels"),
    Key::optional(
        "stall_s",
        Kind::number(0.1, 3600.0),
        "3",
        "Silence after which the source is built anew; without it, the larger of 3 seconds and 10 frame times.",
    )
    .unit("seconds"),
];

const PROMPT: Section = Section::many(
    "prompt",
    "What to track: one per object and frame, either a mask, or points, or a box, or points and a box. Coordinates are source \
     pixels from the top left corner.",
    PROMPT_KEYS,
);

const PROMPT_KEYS: &[Key] = &[
    Key::required(
        "object",
        Kind::integer(1, u32::MAX as i64),
        "1",
        "Number of the object, the same for all its prompts.",
    ),
    Key::optional("name", Kind::Text(&LABEL), r#""gate""#, "What the object is called in messages."),
    Key::default(
        "frame",
        Kind::integer(0, i64::MAX),
        "0",
        "Number of the stream's frame it belongs to; a later prompt for an object corrects its track.",
    ),
    Key::optional("points", Kind::Points, "[[320, 180, 1], [250, 40, 0]]", "Clicks.").unit("pixels"),
    Key::optional("box", Kind::Edges, "[200, 90, 430, 310]", "A box around the object.").unit("pixels"),
    Key::optional(
        "mask",
        Kind::Text(&PATH),
        r#""gate.png""#,
        "A PNG of the frame's size: what is not 0 is the object, or the pixels of its number where there are several.",
    ),
];

use super::format::{CHECKPOINT, DEVICE, PATH};
use super::http::HTTP;
use super::sink::SINK;
use super::stream::STREAM;
use super::{Key, Kind, Section};

/// The document.
pub(crate) const ROOT: Section = Section {
    sections: &[
        Section::one("model", "The network and what it runs on.", MODEL),
        Section::one("tracking", "How objects are followed.", TRACKING),
        Section::one("http", "The HTTP server: page, control API, /metrics, /healthz, /readyz.", HTTP),
        Section::one("state", "What outlives the process.", STATE),
        Section::one("log", "What the daemon says on standard error.", LOG),
        Section::one("shutdown", "How it ends.", SHUTDOWN),
        STREAM,
        SINK,
    ],
    ..Section::one("", "", &[])
};

const MODEL: &[Key] = &[
    Key::default("checkpoint", Kind::Text(&CHECKPOINT), r#""nano""#, "The weights; \"nano\" is built in and for trying out.")
        .restart(),
    Key::default(
        "device",
        Kind::Text(&DEVICE),
        r#""auto""#,
        "What to compute on; \"auto\" takes the best device there is, and a device that is named and not there is an error.",
    )
    .restart(),
    Key::default(
        "precision",
        Kind::Word(&["auto", "f32", "f16", "bf16"]),
        r#""auto""#,
        "With how many bits the network multiplies; \"auto\" moves no mask (f32 so far). With \"f16\" (GPUs) and \"bf16\" (processors with \
         AVX512-BF16) it is faster, and outlines move a little.",
    )
    .restart(),
    Key::optional(
        "image_size",
        Kind::Integer { least: 32, most: 4096, step: 32 },
        "1024",
        "Side of the square that frames are scaled to; without it, what the checkpoint was trained with.",
    )
    .unit("pixels")
    .restart(),
    Key::default("threads", Kind::integer(0, 1024), "0", "Threads for the network on the CPU; 0 takes all cores.").restart(),
];

const TRACKING: &[Key] = &[
    Key::default(
        "keep_tracks_s",
        Kind::number(0.0, 86400.0),
        "10",
        "How long tracks outlive the loss of their source; later they end with a `lost` event.",
    )
    .unit("seconds"),
    Key::default(
        "lost_after_frames",
        Kind::integer(1, 1_000_000),
        "30",
        "How long an object may be out of sight before it counts as lost instead of occluded.",
    )
    .unit("frames")
    .restart(),
    Key::default(
        "fill_holes_area",
        Kind::integer(0, 1_000_000),
        "0",
        "Holes of up to this size are filled in the masks that are put out; 0 fills none.",
    )
    .unit("pixels of the low-resolution mask")
    .restart(),
    Key::default(
        "no_overlap",
        Kind::Bool,
        "false",
        "Whether a pixel belongs to one object of a stream at most, in what is put out and in what is remembered.",
    )
    .restart(),
    Key::default("max_objects", Kind::integer(1, 4096), "64", "Most objects that one stream may track.").restart(),
    Key::default(
        "prompt_ring_frames",
        Kind::integer(0, 1000),
        "30",
        "How many of a stream's last frames can still be prompted, since what a click aims at is past by then; each takes memory of \
         the device (`maskd check` says how much), and with 0 prompts apply to the next frame.",
    )
    .unit("frames")
    .restart(),
];

const STATE: &[Key] = &[Key::optional(
    "directory",
    Kind::Text(&PATH),
    r#""/var/lib/maskd""#,
    "Where prompts, names and memories are kept, so that tracks come back after a restart; without it nothing is kept.",
)
.restart()];

const LOG: &[Key] = &[
    Key::default(
        "level",
        Kind::Word(&["error", "warn", "info", "debug", "trace"]),
        r#""info""#,
        "Least important messages that are written.",
    ),
    Key::default(
        "format",
        Kind::Word(&["text", "json"]),
        r#""text""#,
        "Lines for people, or one JSON object per line.",
    )
    .restart(),
];

const SHUTDOWN: &[Key] = &[Key::default(
    "drain_s",
    Kind::number(0.0, 300.0),
    "5",
    "How long sinks may take to write what is queued after SIGTERM; a second SIGTERM ends at once.",
)
.unit("seconds")];

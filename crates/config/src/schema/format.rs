use std::net::SocketAddr;

use crate::values::{
    BrokerAddress, CheckpointSpec, DeviceSpec, NdjsonTarget, RerunTarget, Source, ValueError, WebOrigin,
};

/// A form that texts have to have.
#[derive(Debug)]
pub(crate) struct Format {
    /// In words, what is accepted.
    pub accepted: &'static str,
    /// A regular expression that holds for every accepted text, for the JSON Schema.
    pub pattern: Option<&'static str>,
    /// Says why a text is not accepted; nothing where `accepted` says it all.
    pub check: fn(&str) -> Result<(), Option<ValueError>>,
    pub shown: Shown,
}

/// How much of a text that is not accepted may be repeated in messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Whole,
    /// Nothing where it looks as if there were a password in it.
    Guarded,
    /// Nothing at all.
    Never,
}

impl Format {
    const fn new(accepted: &'static str, check: fn(&str) -> Result<(), Option<ValueError>>) -> Self {
        Self { accepted, pattern: None, check, shown: Shown::Whole }
    }

    const fn pattern(self, pattern: &'static str) -> Self {
        Self { pattern: Some(pattern), ..self }
    }

    const fn shown(self, shown: Shown) -> Self {
        Self { shown, ..self }
    }
}

fn holds(condition: bool) -> Result<(), Option<ValueError>> {
    if condition { Ok(()) } else { Err(None) }
}

fn parses<T: std::str::FromStr<Err = ValueError>>(text: &str) -> Result<(), Option<ValueError>> {
    text.parse::<T>().map(drop).map_err(Some)
}

pub(crate) const NAME: Format = Format::new("1 to 64 letters, digits, \"_\" and \"-\"", |text| holds(is_name(text)))
    .pattern("^[A-Za-z0-9_-]{1,64}$");

fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(fits)
}

pub(crate) const LABEL: Format = Format::new("a text of 1 to 64 characters without control characters", |text| {
    holds((1..=64).contains(&text.chars().count()) && !text.chars().any(char::is_control))
})
.pattern("^[^\\u0000-\\u001f]{1,64}$");

pub(crate) const VARIABLE: Format =
    Format::new("the name of an environment variable that does not begin with MASKD__", |text| {
        holds(is_variable(text) && !text.to_ascii_uppercase().starts_with("MASKD__"))
    })
    .pattern("^[A-Za-z_][A-Za-z0-9_]*$")
    // Somebody may have taken it for the place of the password itself.
    .shown(Shown::Never);

fn is_variable(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.bytes().all(fits) && text.bytes().next().is_some_and(|first| !first.is_ascii_digit())
}

pub(crate) const PATH: Format = Format::new("a path, relative to this file or absolute", |text| {
    holds(!text.trim().is_empty() && !text.contains('\0'))
});

pub(crate) const CHECKPOINT: Format =
    Format::new("the name of a model that `maskd models` lists, or the path of a .pt or .safetensors file", |text| {
        let named = match text.parse() {
            Ok(CheckpointSpec::Named(name)) => {
                name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
            }
            Ok(CheckpointSpec::File(_)) => !text.contains('\0'),
        };
        holds(!text.is_empty() && named)
    });

pub(crate) const DEVICE: Format =
    Format::new("\"auto\", \"cpu\", \"cuda\", \"cuda:N\", \"vulkan\" or \"vulkan:N\"", |text| {
        text.parse::<DeviceSpec>().map(drop).map_err(|_| None)
    })
    .pattern("^(auto|cpu|(cuda|vulkan)(:\\+?[0-9]+)?)$");

pub(crate) const LISTEN: Format = Format::new("ADDRESS:PORT, such as \"127.0.0.1:8710\" or \"[::1]:8710\"", |text| {
    holds(text.parse::<SocketAddr>().is_ok())
})
.pattern("^.+:[0-9]+$");

pub(crate) const ORIGIN: Format = Format::new(
    "http://HOST or https://HOST, with :PORT where it is not 80 or 443, and nothing after it",
    parses::<WebOrigin>,
)
.pattern("^https?://[^/]+$")
.shown(Shown::Guarded);

pub(crate) const SOURCE: Format = Format::new(
    "rtsp://..., rtsps://..., v4l2:///dev/videoN, scene://..., file:///..., or the path of a video file or of a folder of pictures",
    parses::<Source>,
)
.shown(Shown::Guarded);

pub(crate) const NDJSON: Format =
    Format::new("\"-\" (standard output), a path, \"unix:PATH\", \"tcp://HOST:PORT\", \"unix-connect:PATH\" or \"tcp-connect://HOST:PORT\"", parses::<NdjsonTarget>)
        .shown(Shown::Guarded);

pub(crate) const RERUN: Format = Format::new(
    "a path that ends in .rrd, or an address such as \"rerun+http://127.0.0.1:9876/proxy\"",
    parses::<RerunTarget>,
)
.shown(Shown::Guarded);

pub(crate) const BROKER: Format =
    Format::new("mqtt://HOST or mqtts://HOST, with :PORT where it is not 1883 or 8883", parses::<BrokerAddress>)
        .pattern("^[mM][qQ][tT][tT][sS]?:")
        .shown(Shown::Guarded);

pub(crate) const TOPIC: Format = Format::new(
    "levels with \"/\" between them, none of them empty, without \"+\", \"#\" and a \"$\" in front",
    |text| holds(text.len() <= 1024 && text.split('/').all(is_level) && !text.starts_with('$')),
)
.pattern("^[^+#$/\\u0000-\\u001f][^+#\\u0000-\\u001f]*$");

fn is_level(level: &str) -> bool {
    !level.is_empty() && !level.contains(|c: char| c == '+' || c == '#' || c.is_control())
}

pub(crate) const KEY_EXPRESSION: Format =
    Format::new("parts with \"/\" between them, none of them empty, without \"*\", \"$\", \"?\" and \"#\"", |text| {
        holds(text.len() <= 1024 && text.split('/').all(is_part))
    })
    .pattern("^[^*$?#/\\u0000-\\u001f][^*$?#\\u0000-\\u001f]*$");

fn is_part(part: &str) -> bool {
    !part.is_empty() && !part.contains(|c: char| "*$?#".contains(c) || c.is_control())
}

pub(crate) const ENDPOINT: Format = Format::new("a Zenoh endpoint such as \"tcp/192.168.0.5:7447\"", |text| {
    let known = ["tcp", "udp", "tls", "quic", "ws", "unixsock-stream", "serial"];
    holds(text.split_once('/').is_some_and(|(protocol, at)| known.contains(&protocol) && !at.is_empty()))
})
.pattern("^(tcp|udp|tls|quic|ws|unixsock-stream|serial)/");

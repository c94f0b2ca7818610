use super::format::{LISTEN, ORIGIN, PATH, VARIABLE};
use super::{Key, Kind};

pub(super) const HTTP: &[Key] = &[
    Key::default("enabled", Kind::Bool, "true", "Whether there is a server at all.").restart(),
    Key::default(
        "listen",
        Kind::Text(&LISTEN),
        r#""127.0.0.1:8710""#,
        "Address and port; other machines are let in only with a token and TLS, or with a token and allow_plain_http.",
    )
    .restart(),
    Key::optional(
        "token_env",
        Kind::Text(&VARIABLE),
        r#""MASKD_TOKEN""#,
        "The environment variable that holds the token which everyone has to show, at least 16 characters without spaces.",
    )
    .restart(),
    Key::optional(
        "token_file",
        Kind::Text(&PATH),
        r#""token""#,
        "The file that holds the token, instead of token_env; white space around it is cut off.",
    )
    .restart(),
    Key::optional(
        "tls_certificate",
        Kind::Text(&PATH),
        r#""certificate.pem""#,
        "PEM file of the certificate and those above it, for https; comes with tls_key.",
    )
    .restart(),
    Key::optional(
        "tls_key",
        Kind::Text(&PATH),
        r#""key.pem""#,
        "PEM file of the certificate's private key; comes with tls_certificate.",
    )
    .restart(),
    Key::default(
        "allow_plain_http",
        Kind::Bool,
        "false",
        "Whether other machines may come in without TLS: whoever can listen on the network then sees the pictures, and has the token \
         and with it all that the API can do.",
    )
    .restart(),
    Key::default(
        "origins",
        Kind::Texts(&ORIGIN),
        "[]",
        "Further web pages that may use the API from a browser; the server's own page always may.",
    )
    .restart(),
    Key::default(
        "source_schemes",
        Kind::Words(&["rtsp", "rtsps", "v4l2", "scene", "file"]),
        r#"["rtsp", "rtsps", "scene"]"#,
        "Kinds of sources that streams added over the API may have; \"file\" asks for source_roots, and an empty list lets none be \
         added.",
    )
    .restart(),
    Key::default(
        "source_roots",
        Kind::Texts(&PATH),
        "[]",
        "Folders under which files added over the API must lie, wherever links lead.",
    )
    .restart(),
    Key::default(
        "max_streams",
        Kind::integer(1, 1000),
        "16",
        "Streams that there may be in all for one more to come over the API, that one included.",
    )
    .restart(),
    Key::default("max_viewers", Kind::integer(0, 10_000), "16", "Live pictures at the same time, over all clients.").restart(),
    Key::default(
        "prompts_per_second",
        Kind::number(0.1, 1000.0),
        "20",
        "Prompts that are taken in a second, over all clients.",
    )
    .restart(),
    Key::default(
        "max_body_bytes",
        Kind::Bytes { least: 1024 },
        r#""16 MiB""#,
        "Largest body of a request, such as a mask.",
    )
    .restart(),
    Key::default("max_connections", Kind::integer(1, 100_000), "256", "Connections at the same time.").restart(),
    Key::default(
        "header_timeout_s",
        Kind::number(0.1, 300.0),
        "10",
        "How long a client may take to send the head of a request.",
    )
    .unit("seconds")
    .restart(),
];

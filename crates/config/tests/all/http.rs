//! The server's keys: who is let in, and what must come together.

use maskd_config::{SourceScheme, Warning};

use crate::support::{SMALL, bad, good};

fn found(http: &str) -> Vec<String> {
    bad(&format!("[http]\n{http}\n{SMALL}"), &[])
}

fn warnings(http: &str) -> Vec<String> {
    let warnings = good(&format!("[http]\n{http}\n{SMALL}"), &[]).warnings;
    warnings.iter().map(Warning::to_string).map(|text| text.replace("/etc/maskd/", "")).collect()
}

const TOKEN: &str = "token_file = 'token'\n";
const TLS: &str = "tls_certificate = 'c.pem'\ntls_key = 'k.pem'\n";

#[test]
fn others_are_let_in_with_a_token_and_tls_and_not_with_less() {
    let open = "listen = '0.0.0.0:8710'\n";
    for (more, lacks) in [
        ("", "neither token nor TLS"),
        (TLS, "no token is asked for"),
        ("allow_plain_http = true\n", "no token is asked for"),
        (TOKEN, "there is a token, and no TLS that hides it"),
    ] {
        let found = found(&format!("{open}{more}"));
        let [finding] = found.as_slice() else { panic!("{found:#?}") };
        assert!(finding.starts_with("x.toml:2:10: http.listen: found \"0.0.0.0:8710\", which other"), "{finding}");
        assert!(finding.contains(lacks), "{finding}");
        for way in ["127.0.0.1:PORT or [::1]:PORT", "token_env", "token_file", "tls_key", "allow_plain_http = true"] {
            assert!(finding.contains(way), "{way} in {finding}");
        }
        assert!(good(&format!("[http]\n{open}{more}enabled = false\n{SMALL}"), &[]).warnings.is_empty());
    }
    for token in [TOKEN, "token_env = 'T'\n"] {
        assert_eq!(warnings(&format!("{open}{token}{TLS}")), Vec::<String>::new());
    }
}

#[test]
fn loopback_in_any_form_needs_nothing() {
    for listen in ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
        assert_eq!(warnings(&format!("listen = '{listen}'\nallow_plain_http = true")), Vec::<String>::new());
    }
    for listen in ["10.0.0.1:1", "[::]:1", "[::ffff:10.0.0.1]:1", "[fd00::1]:1"] {
        assert_eq!(found(&format!("listen = '{listen}'")).len(), 1, "{listen}");
    }
}

#[test]
fn plain_http_for_others_is_warned_of() {
    let found = warnings(&format!("listen = '[::]:80'\n{TOKEN}allow_plain_http = true"));
    let [warning] = found.as_slice() else { panic!("{found:#?}") };
    assert!(warning.starts_with("x.toml:4:20: warning: http.allow_plain_http: other machines come in"), "{warning}");
    let found = warnings(&format!("{TLS}allow_plain_http = true"));
    let [warning] = found.as_slice() else { panic!("{found:#?}") };
    assert!(warning.contains("http.allow_plain_http: it does nothing: with tls_certificate"), "{warning}");
}

#[test]
fn all_that_is_wrong_with_the_server_is_said_at_once() {
    let found = found(
        "token_env = 'A'\ntoken_file = 'b'\ntls_key = 'k'\norigins = ['https://a', 'https://u:hunter2@b', 'c']\n\
         max_body_bytes = '1 kB'\nheader_timeout_s = 0\nmax_connections = 0\nmax_viewers = -1\nprompts_per_second = 0\n\
         max_streams = 1001\nsource_schemes = ['file']\nsource_roots = []\nallow_plain_http = 'no'",
    );
    let expected = [
        "x.toml:3:14: http.token_file: found it beside token_env, accepted one of the two",
        "x.toml:4:11: http.tls_key: found it without tls_certificate, accepted tls_key and tls_certificate, or neither",
        "x.toml:5:25: http.origins: found a text that may hold a secret (more than host and port), accepted a list of",
        "x.toml:6:18: http.max_body_bytes: found \"1 kB\", accepted a number of bytes from 1024 up",
        "x.toml:7:20: http.header_timeout_s: found 0, accepted a number from 0.1 to 300 (seconds)",
        "x.toml:8:19: http.max_connections: found 0, accepted a whole number from 1 to 100000",
        "x.toml:9:15: http.max_viewers: found -1, accepted a whole number from 0 to 10000",
        "x.toml:10:22: http.prompts_per_second: found 0, accepted a number from 0.1 to 1000",
        "x.toml:11:15: http.max_streams: found 1001, accepted a whole number from 1 to 1000",
        "x.toml:12:18: http.source_schemes: found \"file\" without source_roots, accepted it with the folders",
        "x.toml:14:20: http.allow_plain_http: found \"no\", accepted true or false",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (line, start) in found.iter().zip(expected) {
        assert!(line.starts_with(start), "{line}\ninstead of\n{start}");
    }
    assert!(!found.concat().contains("hunter2"));
}

#[test]
fn half_of_tls_is_one_mistake() {
    let found = found(&format!("listen = '0.0.0.0:1'\n{TOKEN}tls_certificate = 'c'"));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains("http.tls_certificate: found it without tls_key"), "{found:#?}");
}

#[test]
fn lists_of_words_say_what_is_wrong_in_them() {
    let all = "accepted a list of different texts, each \"rtsp\", \"rtsps\", \"v4l2\", \"scene\" or \"file\"";
    for (value, start) in [
        ("['rtsp', 'http']", "x.toml:2:27: http.source_schemes: found \"http\""),
        ("['rtsp', 'rtsp']", "x.toml:2:27: http.source_schemes: found \"rtsp\" for the second time"),
        ("'rtsp'", "x.toml:2:18: http.source_schemes: found \"rtsp\""),
    ] {
        assert_eq!(found(&format!("source_schemes = {value}")), [format!("{start}, {all}")]);
    }
    let loaded = good(SMALL, &[("MASKD__HTTP__SOURCE_SCHEMES", "['v4l2', 'rtsps']")]).config;
    assert_eq!(loaded.http.source_schemes, [SourceScheme::V4l2, SourceScheme::Rtsps]);
    let found = bad(SMALL, &[("MASKD__HTTP__SOURCE_SCHEMES", "rtsp")]);
    assert!(found[0].starts_with("environment:MASKD__HTTP__SOURCE_SCHEMES: http.source_schemes: "), "{found:#?}");
}

#[test]
fn folders_without_files_do_nothing() {
    let found = warnings("source_roots = ['clips']");
    assert_eq!(
        found,
        ["x.toml:2:16: warning: http.source_roots: it does nothing: \"file\" is not among source_schemes"]
    );
    assert_eq!(warnings("source_schemes = ['file']\nsource_roots = ['clips']"), Vec::<String>::new());
}

#[test]
fn the_values_arrive() {
    let http = format!(
        "[http]\n{TOKEN}{TLS}origins = ['https://Wall.example:8443', 'http://[::1]:80']\nmax_body_bytes = '1 MiB'\n\
         header_timeout_s = 0.5\nsource_schemes = ['file']\nsource_roots = ['clips', '/srv']\nprompts_per_second = 2\n{SMALL}"
    );
    let http = good(&http, &[]).config.http;
    let file = |name: &str| std::path::Path::new("/etc/maskd").join(name);
    assert_eq!(http.token_file, Some(file("token")));
    assert_eq!(http.tls(), Some((file("c.pem").as_path(), file("k.pem").as_path())));
    let origins: Vec<&str> = http.origins.iter().map(|origin| origin.as_str()).collect();
    assert_eq!(origins, ["https://wall.example:8443", "http://[::1]"]);
    assert_eq!((http.max_body_bytes, http.header_timeout.as_millis(), http.prompts_per_second), (1 << 20, 500, 2.0));
    assert_eq!(http.source_roots, [file("clips"), "/srv".into()]);
}

use std::path::Path;

use maskd_config::*;

use crate::support::{ALL, SMALL, bad, environment};

#[test]
fn everything_that_is_wrong_is_said_at_once_in_the_order_of_the_lines() {
    let text = r#"[http]
listne = "127.0.0.1:80"
enabled = "yes"
[model]
image_size = 1000
[[stream]]
name = "front yard"
source = "http://cam/live"
latency_ms = -1
[[stream.prompt]]
object = 0
box = [9, 0, 1, 5]
[[sink]]
kind = "mqtt"
name = "broker"
streams = ["yard", "yard"]
policy = "block"
[[sink]]
kind = "rstp"
name = "tv"
[traking]
"#;
    let found = bad(text, &[("MASKD__LOG__LEVEL", "loud"), ("MASKD__HTTP__LISTNE", "1")]);
    let expected = [
        r#"x.toml:2:1: http.listne: found an unknown key, accepted "listen" (did you mean that?) or another of enabled, listen, token_env, token_file, tls_certificate, tls_key, allow_plain_http, origins, source_schemes, source_roots, max_streams, max_viewers, prompts_per_second, max_body_bytes, max_connections, header_timeout_s"#,
        r#"x.toml:3:11: http.enabled: found "yes", accepted true or false"#,
        r#"x.toml:5:14: model.image_size: found 1000, accepted a multiple of 32 from 32 to 4096 (pixels)"#,
        r#"x.toml:7:8: stream.front yard.name: found "front yard", accepted 1 to 64 letters, digits, "_" and "-""#,
        r#"x.toml:8:10: stream.front yard.source: found "http://cam/live" (http:// is not read), accepted rtsp://..., rtsps://..., v4l2:///dev/videoN, scene://..., file:///..., or the path of a video file or of a folder of pictures"#,
        r#"x.toml:9:14: stream.front yard.latency_ms: found -1, accepted a whole number from 0 to 60000 (milliseconds)"#,
        r#"x.toml:11:10: stream.front yard.prompt[0].object: found 0, accepted a whole number from 1 to 4294967295"#,
        r#"x.toml:12:7: stream.front yard.prompt[0].box: found [9.0, 0.0, 1.0, 5.0], accepted [x0, y0, x1, y1] with x0 < x1 and y0 < y1 (pixels)"#,
        r#"x.toml:13:1: sink.broker.broker: found nothing, accepted mqtt://HOST or mqtts://HOST, with :PORT where it is not 1883 or 8883"#,
        r#"x.toml:16:20: sink.broker.streams: found "yard" for the second time, accepted a list of different texts, each 1 to 64 letters, digits, "_" and "-""#,
        r#"x.toml:17:10: sink.broker.policy: found "block", accepted "latest" or "drop_oldest""#,
        r#"x.toml:19:8: sink.tv.kind: found "rstp", accepted "rtsp", "file", "ndjson", "mqtt", "zenoh" or "rerun""#,
        r#"x.toml:21:2: traking: found an unknown key, accepted "tracking" (did you mean that?) or another of model, tracking, http, state, log, shutdown, stream, sink"#,
        r#"environment:MASKD__HTTP__LISTNE: found a variable for no key, accepted "MASKD__HTTP__LISTEN" (did you mean that?), or MASKD__SECTION__KEY, MASKD__STREAM__NAME__KEY or MASKD__SINK__NAME__KEY"#,
        r#"environment:MASKD__LOG__LEVEL: log.level: found "loud", accepted "error", "warn", "info", "debug" or "trace""#,
    ];
    assert_eq!(found, expected);
}

/// What one more piece of configuration is answered with, after `SMALL`.
fn finding(piece: &str) -> String {
    let found = bad(&format!("{SMALL}{piece}"), &[]);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.concat()
}

#[test]
fn rules_between_keys() {
    let sink = |rest: &str| format!("[[sink]]\nname = 's'\n{rest}\n");
    let prompt = |rest: &str| format!("[[stream]]\nname = 's'\nsource = 'x'\n{rest}\n");
    for (piece, parts) in [
        ("[http]\nlisten = '0.0.0.0:8710'".to_owned(), ["http.listen: found \"0.0.0.0:8710\"", "token and TLS"]),
        ("[http]\nlisten = '[::]:8710'".to_owned(), ["[::]:8710", "127.0.0.1:PORT or [::1]:PORT"]),
        (sink("kind = 'rtsp'\nlisten = '10.0.0.1:8554'"), ["sink.s.listen", "user_env and password_env"]),
        (sink("kind = 'rtsp'\nlisten = '127.0.0.1:8710'"), ["the same as http.listen", "one of its own"]),
        (sink("kind = 'ndjson'\nto = 'tcp://0.0.0.0:7000'"), ["sink.s.to: found \"tcp://0.0.0.0:7000\"", "tcp-connect://HOST:PORT"]),
        (sink("kind = 'rtsp'\nuser_env = 'U'"), ["it without password_env", "or neither"]),
        (sink("kind = 'ndjson'"), ["sink.s.to: found the same as sink.lines.to", "one of its own"]),
        (sink("kind = 'ndjson'\nto = 'f'\nstreams = ['yrad']"), ["yrad, the name of no stream", "\"yard\" (did you"]),
        ("[[sink]]\nkind = 'ndjson'\nname = 'lines'\nto = 'f'".to_owned(), ["\"lines\" for the second time", "own"]),
        (prompt("[[stream]]\nname = 's'\nsource = 'y'"), ["stream[2].name: found \"s\"", "a name of its own"]),
        (prompt("[[stream.prompt]]\nobject = 1"), ["stream.s.prompt[0]: found a prompt that shows nothing", "mask"]),
        (prompt("[[stream.prompt]]\nobject = 1\nmask = 'm'\nbox = [0, 0, 1, 1]"), ["beside points or box", "a mask alone"]),
        (
            prompt("[[stream.prompt]]\nobject = 1\nmask = 'm'\n[[stream.prompt]]\nobject = 1\nmask = 'n'"),
            ["object 1 on frame 0 for the second time", "one prompt per object and frame"],
        ),
        (
            prompt("[[stream.prompt]]\nobject = 1\nmask = 'm'\nname = 'a'\n[[stream.prompt]]\nobject = 1\nframe = 5\nmask = 'n'\nname = 'b'"),
            ["\"b\" for object 1, which is called \"a\"", "one name per object"],
        ),
        (
            prompt("[[stream.prompt]]\nobject = 1\nmask = 'm'\n[[stream.prompt]]\nobject = 2\nmask = 'n'\n[tracking]\nmax_objects = 1"),
            ["prompts for 2 objects", "up to 1, which is tracking.max_objects"],
        ),
        (
            "[[stream]]\nname = 'c'\nsource = 'rtsp://c'\n[[sink]]\nname = 's'\nkind = 'rerun'\nto = 'x.rrd'\npolicy = 'block'".to_owned(),
            ["with the camera \"c\", which does not wait", "files, folders and scenes"],
        ),
        (
            "[[stream]]\nname = 'c'\nsource = 'rtsp://u:hunter2@c'\npassword_env = 'P'\nuser_env = 'U'".to_owned(),
            ["stream.c.password_env: found it beside a source with user and password", "one of the two"],
        ),
        (
            "[[stream]]\nname = 'c'\nsource = 'rtsp://c'\npassword_env = 'P'".to_owned(),
            ["stream.c.password_env: found it without user_env", "or neither"],
        ),
    ] {
        let found = finding(&piece);
        assert!(parts.iter().all(|part| found.contains(part)), "{found}\nfor\n{piece}");
        assert!(found.starts_with("x.toml:"), "{found}");
    }
}

#[test]
fn a_mistake_is_reported_once_not_with_all_that_follows_from_it() {
    let text = "[[stream]]\nsource = 'a'\n[[stream]]\nsource = 'b'\n[[sink]]\nkind = 'ndjson'\nname = 's'\nstreams = ['yard']\n";
    let found = bad(text, &[]);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found.iter().all(|line| line.contains(".name: found nothing")), "{found:#?}");
}

#[test]
fn a_sink_that_the_build_lacks_says_how_to_get_it() {
    let text = format!("{SMALL}[[sink]]\nkind = 'zenoh'\nname = 'z'\nkye = 'a'\n");
    let options = LoadOptions { features: Features { zenoh: false, rerun: true }, ..ALL };
    let errors = Config::parse(&text, Path::new("x.toml"), &environment(&[]), &options).unwrap_err();
    let [kind, key] = errors.findings() else { panic!("{errors}") };
    assert!(kind.found.contains("this build of maskd does not have"), "{kind}");
    assert!(kind.accepted.contains("--features zenoh"), "{kind}");
    assert!(key.accepted.contains("\"key\""), "{key}");
}

#[test]
fn broken_syntax_is_reported_with_the_rest() {
    let found = bad("[http]\nlisten = \n[log]\nlevel = 'loud'\nlevel = 'info'\n[[stream]]\nname = 'a\n", &[]);
    let starts: Vec<&str> = found.iter().filter_map(|line| line.split(": ").next()).collect();
    assert!(starts.iter().any(|place| place.starts_with("x.toml:2:")), "{found:#?}");
    assert!(found.iter().any(|line| line.starts_with("x.toml:4:9: log.level: found \"loud\"")), "{found:#?}");
    assert!(starts.iter().any(|place| place.starts_with("x.toml:5:")), "{found:#?}");
    assert!(starts.iter().any(|place| place.starts_with("x.toml:7:")), "{found:#?}");
    assert!(!found.iter().any(|line| line.contains("found nothing")), "{found:#?}");
}

#[test]
fn tables_and_lists_are_told_apart() {
    let found = bad("http = 5\n[stream]\nname = 'a'\n[[log]]\nlevel = 'info'\n", &[]);
    for part in ["http: found 5, accepted [http]", "stream: found a table, accepted [[stream]]", "accepted [log]"] {
        assert!(found.iter().any(|line| line.contains(part)), "{part} in {found:#?}");
    }
    assert_eq!(bad("stream = [1, 'a']\nsink = [[]]", &[]).len(), 3);
}

#[test]
fn passwords_are_not_repeated() {
    let text = "[[stream]]\nname = 'a'\nsource = 'rtsp://u:hunter2@cam:port/'\npassword_env = 'hunter2!'\n\
                [[sink]]\nkind = 'mqtt'\nname = 'm'\nbroker = 'mqtt://u:hunter2@b'\n\
                [[sink]]\nkind = 'ndjson'\nname = 'n'\nto = 'tcp-connect://u:hunter2@b:1'\n";
    let found = bad(text, &[]);
    assert_eq!(found.len(), 4, "{found:#?}");
    assert!(!found.concat().contains("hunter2"), "{found:#?}");
}

#[test]
fn a_file_that_cannot_be_read_keeps_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let load = |name: &str| Config::load(&folder.path().join(name), &environment(&[]), &ALL).unwrap_err();
    let missing = load("missing.toml");
    assert!(matches!(missing, ConfigErrors::Unreadable { .. }) && missing.findings().is_empty());
    assert!(std::error::Error::source(&missing).is_some());
    std::fs::write(folder.path().join("video.toml"), vec![b'#'; 2 << 20]).unwrap();
    assert!(matches!(load("video.toml"), ConfigErrors::Unreadable { .. }));
    std::fs::write(folder.path().join("latin.toml"), b"[http]\n# \xe4\n").unwrap();
    assert!(load("latin.toml").to_string().contains("latin.toml:2:3: found bytes that are no UTF-8"));
}

//! Many, slow, broken and hostile clients.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{Config as PropConfig, TestRunner};
use serde_json::{Value, json};

use super::live::{Viewer, paced};
use super::{Api, assert_pace, nothing_for, pace};
use crate::daemon::{BASE, Daemon, lines_sink};
use crate::util::Folder;

const SCENE: &str = "scene://?seed=7&objects=1&frames=1000000&size=192x128&fps=10";
const FPS: f64 = 10.0;

/// What allocators keep for the next time.
const SLACK_KIB: u64 = 20_000;

fn start(folder: &Folder, http: &str) -> Daemon {
    let lines = lines_sink("lines", &folder.name("lines"), "drop_oldest");
    Daemon::start(folder, &(BASE.to_owned() + http + &paced("a", SCENE) + &lines), &[])
}

/// Open descriptors and resident memory in KiB.
fn costs(daemon: &Daemon) -> (usize, u64) {
    let process = format!("/proc/{}", daemon.id());
    let status = fs::read_to_string(format!("{process}/status")).unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let resident = resident.trim().trim_end_matches(" kB").trim().parse().unwrap();
    (fs::read_dir(format!("{process}/fd")).unwrap().count(), resident)
}

#[test]
fn two_thousand_calls_of_twenty_clients_are_all_answered() {
    let folder = Folder::new();
    let mut daemon = start(&folder, "prompts_per_second = 1000\n[tracking]\nmax_objects = 3\n");
    let api = Api::of(&mut daemon);
    api.newest("a");
    let calls = |count: usize| {
        let answered = AtomicUsize::new(0);
        thread::scope(|scope| {
            for client in 0..20 {
                let (answered, address) = (&answered, api.address.clone());
                scope.spawn(move || {
                    let api = Api::at(address);
                    for number in 0..count / 20 {
                        let (method, path, body, expected): (_, _, _, &[u16]) = match (client + number) % 8 {
                            0 => ("GET", "/api/v1/streams".to_owned(), Value::Null, &[200]),
                            1 => ("GET", "/api/v1/streams/a/objects".into(), Value::Null, &[200]),
                            2 => ("GET", "/metrics".into(), Value::Null, &[200]),
                            3 => (
                                "POST",
                                "/api/v1/streams/a/objects".into(),
                                json!({ "box": [9, 9, 60, 60] }),
                                &[201, 409, 429],
                            ),
                            4 => (
                                "DELETE",
                                format!("/api/v1/streams/a/objects/{}", 2 + number % 40),
                                Value::Null,
                                &[204, 404],
                            ),
                            5 => ("GET", "/api/v1/streams/nothing".into(), Value::Null, &[404]),
                            6 => ("PATCH", "/api/v1/streams/a/objects/1".into(), json!({ "name": "x" }), &[204]),
                            _ => ("GET", "/api/v1/streams/a/snapshot".into(), Value::Null, &[200]),
                        };
                        let (status, _) = api.call(method, &path, body);
                        assert!(expected.contains(&status), "{method} {path}: {status}");
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        answered.into_inner()
    };
    calls(400);
    thread::sleep(Duration::from_secs(1));
    let before = costs(&daemon);
    let (quiet, ()) = pace(&folder, nothing_for(Duration::from_secs(4)));
    let (busy, answered) = pace(&folder, || calls(2000));
    assert_eq!(answered, 2000);
    thread::sleep(Duration::from_secs(2));
    let after = costs(&daemon);
    println!("{quiet:.1} frames/s before, {busy:.1} meanwhile; {before:?} descriptors and KiB before, {after:?} after");
    assert_pace(quiet, busy, FPS);
    assert!(after.0 <= before.0 + 2, "descriptors: {} before, {} after", before.0, after.0);
    assert!(after.1 < before.1 + SLACK_KIB, "{} KiB before, {} after", before.1, after.1);
    assert_eq!(api.get("/api/v1/streams/a/objects").1["objects"][0]["id"], 1, "the first object was not to be touched");
    daemon.terminate();
}

#[test]
fn there_are_no_more_streams_than_there_may_be_whoever_asks_at_once() {
    let folder = Folder::new();
    let mut daemon = start(&folder, "max_streams = 3\n");
    let api = Api::of(&mut daemon);
    let statuses: Vec<u16> = thread::scope(|scope| {
        let add = |number: usize| {
            let api = Api::at(api.address.clone());
            move || api.call("POST", "/api/v1/streams", json!({ "name": format!("s{number}"), "source": SCENE })).0
        };
        let askers: Vec<_> = (0..8).map(|number| scope.spawn(add(number))).collect();
        askers.into_iter().map(|asker| asker.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 2, "{statuses:?}");
    assert!(statuses.iter().all(|status| [201, 409].contains(status)), "{statuses:?}");
    assert_eq!(api.get("/api/v1/streams").1["streams"].as_array().unwrap().len(), 3);
    daemon.terminate();
}

#[test]
fn slow_heads_and_idle_sockets_are_cut_off_and_cost_no_pace() {
    let folder = Folder::new();
    let mut daemon = start(&folder, "header_timeout_s = 15\nmax_connections = 1100\n");
    let api = Api::of(&mut daemon);
    api.newest("a");
    let address = api.address.strip_prefix("http://").unwrap().to_owned();
    // What the first few hundred leave in the allocator is no leak.
    drop((0..300).map(|_| TcpStream::connect(&address).unwrap()).collect::<Vec<_>>());
    let (quiet, ()) = pace(&folder, nothing_for(Duration::from_secs(6)));
    let before = costs(&daemon);
    let idle: Vec<TcpStream> = (0..1000).map(|_| TcpStream::connect(&address).unwrap()).collect();
    // A byte now and then does not keep a head open.
    let slow: Vec<_> =
        (0..100).map(|_| TcpStream::connect(&address).unwrap()).map(|s| thread::spawn(|| drip(s))).collect();
    let (busy, ()) = pace(&folder, nothing_for(Duration::from_secs(4)));
    let during = costs(&daemon);
    assert!(during.0 >= before.0 + 1000, "{} descriptors before, {} with a thousand sockets", before.0, during.0);
    assert_pace(quiet, busy, FPS);
    let cut = slow.into_iter().map(|slow| slow.join().unwrap()).max().unwrap();
    assert!(cut < Duration::from_secs(30), "a slow head was cut off after {cut:?}");
    let begun = Instant::now();
    let mut after = costs(&daemon);
    // Memory goes back to the system a second after it was freed.
    while (after.0 > before.0 + 4 || after.1 >= before.1 + SLACK_KIB) && begun.elapsed() < Duration::from_secs(20) {
        thread::sleep(Duration::from_millis(100));
        after = costs(&daemon);
    }
    println!(
        "{quiet:.1} frames/s before, {busy:.1} meanwhile; descriptors and KiB {before:?}, {during:?}, {after:?}; cut off after {cut:?}"
    );
    assert!(after.0 <= before.0 + 4, "{} descriptors are still open", after.0);
    assert!(after.1 < before.1 + SLACK_KIB, "{} KiB before, {} after", before.1, after.1);
    drop(idle);
    assert_eq!(api.get("/api/v1/streams").0, 200);
    daemon.terminate();
}

/// Sends a head byte by byte, for ever; how long the other end listens.
fn drip(mut socket: TcpStream) -> Duration {
    let start = Instant::now();
    socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let mut byte = [0];
    let _ = socket.write_all(b"GET / HTTP/1.1\r\nHost:");
    loop {
        let _ = socket.write_all(b"a");
        match socket.read(&mut byte) {
            Ok(0) => return start.elapsed(),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return start.elapsed(),
            _ => assert!(start.elapsed() < Duration::from_secs(60), "a slow head is never cut off"),
        }
    }
}

#[test]
fn too_many_connections_are_turned_away_and_room_comes_back() {
    let folder = Folder::new();
    let mut daemon = start(&folder, "max_connections = 8\n");
    let api = Api::of(&mut daemon);
    api.newest("a");
    let address = api.address.strip_prefix("http://").unwrap().to_owned();
    let held: Vec<TcpStream> = (0..20).map(|_| TcpStream::connect(&address).unwrap()).collect();
    thread::sleep(Duration::from_millis(300));
    drop(held);
    daemon.wait("room", |daemon| {
        let socket = TcpStream::connect(&address).ok()?;
        socket.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        (&socket).write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
        let mut answer = String::new();
        (&socket).read_to_string(&mut answer).ok()?;
        let _ = daemon;
        answer.starts_with("HTTP/1.1 200").then_some(())
    });
    daemon.terminate();
}

#[test]
fn oversized_bodies_and_random_json_are_refused_for_what_they_are() {
    let folder = Folder::new();
    let mut daemon = start(&folder, "max_body_bytes = 20000\nprompts_per_second = 1000\n[tracking]\nmax_objects = 2\n");
    let api = Api::of(&mut daemon);
    api.newest("a");
    let large = vec![b' '; 20_001];
    for (method, path, kind) in [
        ("POST", "/api/v1/streams/a/objects", "application/json"),
        ("POST", "/api/v1/streams", "application/json"),
        ("PUT", "/api/v1/streams/a/tracks", "application/octet-stream"),
    ] {
        assert_eq!(api.send(method, path, kind, &large).status(), 413, "{path}");
    }
    assert_eq!(api.send("POST", "/api/v1/streams", "text/plain", b"{}").status(), 415);
    let mut runner = TestRunner::new(PropConfig { cases: 150, failure_persistence: None, ..PropConfig::default() });
    let word = prop_oneof![
        Just("points"),
        Just("box"),
        Just("mask"),
        Just("frame"),
        Just("name"),
        Just("size"),
        Just("counts"),
        Just("x")
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    let tree = leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(word.clone(), inner, 0..5).prop_map(|map| serde_json::to_value(map).unwrap()),
        ]
    });
    let run = runner.run(&tree, |body| {
        for path in
            ["/api/v1/streams/a/objects", "/api/v1/streams/a/objects/1/prompts", "/api/v1/streams", "/api/v1/login"]
        {
            let (status, answer) = api.call("POST", path, body.clone());
            prop_assert!(
                [200, 201, 204, 400, 409, 410, 415, 422].contains(&status),
                "{} {}: {} {}",
                path,
                body,
                status,
                answer
            );
        }
        Ok(())
    });
    run.unwrap();
    assert!(!daemon.log().contains("panicked"), "{}", daemon.log());
    assert_eq!(api.get("/healthz").0, 200);
    daemon.terminate();
}

#[test]
fn viewers_come_and_go_without_a_trace() {
    let folder = Folder::new();
    let mut daemon = start(&folder, "");
    let api = Api::of(&mut daemon);
    api.newest("a");
    let watch = |viewers: usize| {
        for _ in 0..viewers {
            let mut viewer = Viewer::open(&api, "a");
            viewer.next();
        }
    };
    watch(60);
    thread::sleep(Duration::from_secs(2));
    let before = costs(&daemon);
    watch(120);
    thread::sleep(Duration::from_secs(2));
    let after = costs(&daemon);
    assert!(after.0 <= before.0 + 2 && after.1 < before.1 + SLACK_KIB, "{before:?} before, {after:?} after");
    daemon.terminate();
}

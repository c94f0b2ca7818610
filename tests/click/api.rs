//! Streams, objects, pictures, tracks and events.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::time::Duration;

use maskd_types::Rle;
use serde_json::{Value, json};

use super::live::paced;
use super::{Api, inside, mask, truth};
use crate::daemon::{BASE, Daemon, lines, lines_sink, scene_stream};
use crate::util::Folder;

const SCENE: &str = "scene://?seed=7&objects=2&frames=1000000&size=320x192&fps=10";

fn daemon(folder: &Folder) -> Daemon {
    let config = BASE.to_owned() + &paced("a", SCENE) + &lines_sink("lines", &folder.name("lines"), "drop_oldest");
    Daemon::start(folder, &config, &[])
}

/// A stream without prompts.
fn bare(name: &str, address: &str) -> String {
    paced(name, address).split("[[stream.prompt]]").next().unwrap().to_owned()
}

#[test]
fn streams_come_and_go() {
    let folder = Folder::new();
    let mut daemon = daemon(&folder);
    let api = Api::of(&mut daemon);
    api.newest("a");
    let (_, list) = api.get("/api/v1/streams");
    assert_eq!((&list["streams"][0]["name"], &list["streams"][0]["origin"]), (&json!("a"), &json!("file")));
    let new = json!({ "name": "b", "source": "scene://?seed=3&objects=1&size=192x128&frames=1000000&fps=10" });
    let (status, stream) = api.call("POST", "/api/v1/streams", new.clone());
    assert_eq!((status, &stream["origin"]), (201, &json!("api")), "{stream}");
    api.newest("b");
    assert_eq!(api.call("POST", "/api/v1/streams", new).0, 409);
    let (status, problem) =
        api.call("POST", "/api/v1/streams", json!({ "name": "a b", "source": "exec:rm", "latency_ms": 99999 }));
    let keys: Vec<&str> = problem["findings"].as_array().unwrap().iter().map(|f| f["key"].as_str().unwrap()).collect();
    assert_eq!(status, 422);
    assert!(["name", "latency_ms"].iter().all(|key| keys.contains(key)), "{problem}");
    for source in ["/etc/passwd", "file:///etc/passwd", "v4l2:///dev/video0", "rtsp://169.254.169.254/x"] {
        let (status, problem) = api.call("POST", "/api/v1/streams", json!({ "name": "c", "source": source }));
        assert_eq!(status, 403, "{problem}");
    }
    assert_eq!(api.call("POST", "/api/v1/streams/b/restart", Value::Null).0, 202);
    api.newest("b");
    assert_eq!(api.call("DELETE", "/api/v1/streams/b", Value::Null).0, 204);
    assert_eq!(api.get("/api/v1/streams/b").0, 404);
    assert_eq!(api.call("DELETE", "/api/v1/streams/b", Value::Null).0, 404);
    assert_eq!(api.get("/api/v1/streams").1["streams"].as_array().unwrap().len(), 1);
    daemon.terminate();
}

#[test]
fn a_camera_that_is_not_there_is_explained_without_its_secrets() {
    let folder = Folder::new();
    let mut daemon = daemon(&folder);
    let api = Api::of(&mut daemon);
    let new = json!({ "name": "b", "source": "rtsp://eye:hunter2@127.0.0.1:9/live?pw=hunter2" });
    assert_eq!(api.call("POST", "/api/v1/streams", new).0, 201);
    wait(|| api.get("/api/v1/streams/b").1["reason"].is_string());
    let (_, stream) = api.get("/api/v1/streams/b");
    assert!(stream["reason"].as_str().unwrap().len() > 5 && stream["frame"].is_null(), "{stream}");
    let metrics = api.send("GET", "/metrics", "", &[]);
    for told in [stream.to_string(), String::from_utf8_lossy(metrics.body()).into_owned(), daemon.log()] {
        assert!(!told.contains("hunter2"), "{told}");
    }
    assert_eq!(api.get("/api/v1/streams/a").1["reason"], Value::Null);
    daemon.terminate();
}

#[test]
fn a_reload_leaves_streams_alone_that_were_added() {
    let folder = Folder::new();
    let mut daemon = daemon(&folder);
    let api = Api::of(&mut daemon);
    let new = json!({ "name": "b", "source": SCENE, "user": "eye", "password": "hunter2" });
    assert_eq!(api.call("POST", "/api/v1/streams", new).0, 201);
    let before = api.newest("b");
    folder.file("maskd.toml", BASE.to_owned() + &paced("a", SCENE) + &scene_stream("c", SCENE));
    daemon.signal("-HUP");
    api.newest_after_reload("c");
    assert!(api.newest("b") > before, "it was begun anew");
    assert!(!api.get("/api/v1/streams").1.to_string().contains("hunter2") && !daemon.log().contains("hunter2"));
    daemon.terminate();
}

impl Api {
    fn newest_after_reload(&self, stream: &str) {
        while self.get(&format!("/api/v1/streams/{stream}")).0 != 200 {
            std::thread::sleep(Duration::from_millis(20));
        }
        self.newest(stream);
    }
}

#[test]
fn objects_are_named_seen_and_forgotten() {
    let folder = Folder::new();
    let mut daemon = daemon(&folder);
    let api = Api::of(&mut daemon);
    api.newest("a");
    let (_, objects) = api.get("/api/v1/streams/a/objects");
    assert_eq!((&objects["objects"][0]["id"], &objects["objects"][1]["name"]), (&json!(1), &json!("thing 2")));
    assert_eq!(api.call("PATCH", "/api/v1/streams/a/objects/1", json!({ "name": "cup" })).0, 204);
    assert_eq!(api.call("PATCH", "/api/v1/streams/a/objects/1", json!({ "name": "" })).0, 422);
    assert_eq!(api.call("PATCH", "/api/v1/streams/a/objects/9", json!({ "name": "cup" })).0, 404);
    wait(|| api.get("/api/v1/streams/a/objects").1["objects"][0]["name"] == "cup");
    let thumbnail = api.send("GET", "/api/v1/streams/a/objects/1/thumbnail?size=64", "", &[]);
    assert_eq!((thumbnail.status().as_u16(), &thumbnail.body()[..2]), (200, &[0xff, 0xd8][..]));
    assert_eq!(api.get("/api/v1/streams/a/objects/1/thumbnail?size=9999").0, 422);
    assert_eq!(api.call("DELETE", "/api/v1/streams/a/objects/1", Value::Null).0, 204);
    assert_eq!(api.call("DELETE", "/api/v1/streams/a/objects/1", Value::Null).0, 404);
    wait(|| api.get("/api/v1/streams/a/objects").1["objects"].as_array().unwrap().len() == 1);
    for path in ["1", "0", "-1", "x", "99999999999"] {
        assert_eq!(api.call("DELETE", &format!("/api/v1/streams/a/objects/{path}"), Value::Null).0, 404, "{path}");
    }
    // What was removed does not give its number to another.
    let (status, reply) = api.call("POST", "/api/v1/streams/a/objects", json!({ "box": [20, 20, 90, 90] }));
    assert_eq!((status, &reply["id"]), (201, &json!(3)), "{reply}");
    daemon.terminate();
}

#[test]
fn pictures_agree_with_each_other() {
    let folder = Folder::new();
    let mut daemon = Daemon::start(&folder, &(BASE.to_owned() + &paced("a", SCENE).replace("fps=10", "fps=2")), &[]);
    let api = Api::of(&mut daemon);
    api.newest("a");
    let plain = api.send("GET", "/api/v1/streams/a/snapshot?format=png&overlay=false", "", &[]);
    let number: u64 = plain.headers()["maskd-frame"].to_str().unwrap().parse().unwrap();
    let frame = truth(&SCENE.replace("fps=10", "fps=2"), number).frame;
    let (width, pixels, _) = png(plain.body());
    assert!(width == 320 && pixels == frame.rgb[..], "a PNG is the very frame");
    let drawn = api.send("GET", "/api/v1/streams/a/snapshot?format=png&overlay=true", "", &[]);
    assert!(png(drawn.body()).1 != pixels);
    assert_eq!(api.send("GET", "/api/v1/streams/a/snapshot", "", &[]).headers()["content-type"], "image/jpeg");
    assert_eq!(api.get("/api/v1/streams/a/snapshot?format=bmp").0, 422);
    // Labels and masks of the same frame say the same.
    for _ in 0..50 {
        let labels = api.send("GET", "/api/v1/streams/a/labels", "", &[]);
        let (_, masks) = api.get("/api/v1/streams/a/masks");
        if labels.headers()["maskd-frame"].to_str().unwrap().parse().ok() == masks["frame"].as_u64() {
            let (_, bytes, bits) = png(labels.body());
            assert_eq!(bits, 16);
            let labels: Vec<u16> = bytes.as_chunks().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
            let last = masks["objects"][1]["mask"].clone();
            let ours: Vec<bool> = labels.iter().map(|label| *label == 2).collect();
            let theirs: Vec<bool> = mask(&last).decode().data().iter().map(|pixel| *pixel == 1).collect();
            assert!(ours == theirs && ours.contains(&true));
            daemon.terminate();
            return;
        }
    }
    panic!("never twice the same frame");
}

fn png(bytes: &[u8]) -> (u32, Vec<u8>, u8) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    pixels.truncate(info.buffer_size());
    (info.width, pixels, info.bit_depth as u8)
}

#[test]
fn a_mask_is_a_prompt_and_tracks_can_be_kept() {
    let folder = Folder::new();
    let base = BASE.replace("image_size = 128\n", "");
    let mut daemon = Daemon::start(&folder, &(base + &bare("a", SCENE)), &[]);
    let api = Api::of(&mut daemon);
    let number = api.newest("a");
    let visible = truth(SCENE, number).truth.remove(0).visible;
    let json = serde_json::to_value(&visible).unwrap();
    let (status, reply) =
        api.call("POST", "/api/v1/streams/a/objects", json!({ "frame": number, "mask": json, "name": "exact" }));
    assert_eq!(status, 201, "{reply}");
    assert!(mask(&reply["mask"]).iou(&visible) > 0.9, "a mask gives itself back");
    let wrong = Rle::empty(100, 100);
    let (status, problem) =
        api.call("POST", "/api/v1/streams/a/objects", json!({ "mask": serde_json::to_value(wrong).unwrap() }));
    assert_eq!(status, 422, "{problem}");

    let saved = api.send("GET", "/api/v1/streams/a/tracks", "", &[]);
    assert!(saved.status() == 200 && saved.body().len() > 1000);
    assert_eq!(api.call("DELETE", "/api/v1/streams/a/objects/1", Value::Null).0, 204);
    wait(|| api.get("/api/v1/streams/a/objects").1["objects"] == json!([]));
    let kind = "application/octet-stream";
    let loaded = api.send("PUT", "/api/v1/streams/a/tracks", kind, saved.body());
    assert_eq!((loaded.status().as_u16(), &loaded.body()[..]), (200, &br#"{"objects":[1]}"#[..]));
    wait(|| api.get("/api/v1/streams/a/objects").1["objects"][0]["name"] == "exact");
    for cut in [0, 7, 100, saved.body().len() - 1] {
        let refused = api.send("PUT", "/api/v1/streams/a/tracks", kind, &[&saved.body()[..cut], b""].concat());
        assert_eq!(refused.status(), 422, "{cut} bytes");
    }
    daemon.terminate();
}

#[test]
fn events_come_as_they_happen() {
    let folder = Folder::new();
    let base = BASE.replace("image_size = 128\n", "");
    let mut daemon = Daemon::start(&folder, &(base + &bare("a", SCENE)), &[]);
    let api = Api::of(&mut daemon);
    let number = api.newest("a");
    let stream = TcpStream::connect(api.address.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let ask = "GET /api/v1/events?stream=a HTTP/1.1\r\nHost: localhost\r\n\r\n";
    std::io::Write::write_all(&mut &stream, ask.as_bytes()).unwrap();
    let mut sse = BufReader::new(stream).lines().map(Result::unwrap);
    assert!(sse.by_ref().take_while(|line| !line.is_empty()).any(|line| line.contains("text/event-stream")));
    let address = format!("{}/api/v1/events/ws", api.address.replacen("http", "ws", 1));
    let (mut socket, _) = tungstenite::connect(address).unwrap();
    let point = inside(&truth(SCENE, number).truth[0].visible);
    let click = json!({ "frame": number, "points": [[point[0], point[1], 1]], "name": "cup" });
    assert_eq!(api.call("POST", "/api/v1/streams/a/objects", click).0, 201);
    let mut of_sse = sse.filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok());
    // Of an object that is gone before a frame has shown it nothing is told.
    let new = of_sse.by_ref().find(|event| event["event"] == "object").unwrap();
    assert_eq!(api.call("DELETE", "/api/v1/streams/a/objects/1", Value::Null).0, 204);
    let kinds = |events: &mut dyn Iterator<Item = Value>| -> Vec<String> {
        let mut kinds = Vec::new();
        for event in events.filter(|event| event["event"] == "object") {
            assert_eq!((&event["object"], &event["name"]), (&json!(1), &json!("cup")));
            kinds.push(event["kind"].as_str().unwrap().to_owned());
            if event["kind"] == "end" {
                break;
            }
        }
        kinds
    };
    let told = kinds(&mut std::iter::once(new).chain(of_sse));
    assert_eq!((told.first().unwrap().as_str(), told.last().unwrap().as_str()), ("new", "end"));
    let of_ws = std::iter::from_fn(|| Some(socket.read().unwrap()));
    let told_too = kinds(&mut of_ws.filter_map(|message| serde_json::from_str(message.to_text().ok()?).ok()));
    assert_eq!(told_too, told);
    daemon.terminate();
}

#[test]
fn the_document_names_every_path_and_what_it_answers() {
    let folder = Folder::new();
    let mut daemon = daemon(&folder);
    let api = Api::of(&mut daemon);
    api.newest("a");
    let (_, document) = api.get("/api/v1/openapi.json");
    let mut tried = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let Some(get) = methods.get("get") else { continue };
        if path.contains("/events") {
            continue; // they never end
        }
        let real = path.replace("{stream}", "a").replace("{object}", "1");
        let answer = api.send("GET", &real, "", &[]);
        let kind = answer.headers()["content-type"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let expected = &get["responses"]["200"]["content"];
        assert!(answer.status() == 200 && expected.get(&kind).is_some(), "{path}: {kind} is not in {expected}");
        if let Some(schema) =
            expected[&kind].get("schema").filter(|_| kind == "application/json" && !path.ends_with("masks"))
        {
            fits(&document, schema, &serde_json::from_slice(answer.body()).unwrap(), path);
        }
        let unknown = real.replace("/streams/a", "/streams/nothing").replace("/objects/1", "/objects/77");
        if unknown != real {
            let (status, problem) = api.get(&unknown);
            assert!(status == 404 && problem["help"].is_string(), "{unknown}: {problem}");
        }
        tried += 1;
    }
    assert!(tried >= 8, "{tried}");
    assert_eq!(changes_are_answered_as_documented(&api, &document), 9);
    assert_eq!(api.call("DELETE", "/api/v1/streams", Value::Null).0, 405);
    assert_eq!(api.get("/api/v1/nothing").0, 404);
    assert!(!lines(&folder.name("lines")).is_empty());
    daemon.terminate();
}

/// Asks for every change that the document knows, of a stream that is not there and with nothing in the body; how many there are.
fn changes_are_answered_as_documented(api: &Api, document: &Value) -> usize {
    let mut tried = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let real = path.replace("{stream}", "nothing").replace("{object}", "1");
        for (method, operation) in methods.as_object().unwrap().iter().filter(|(method, _)| *method != "get") {
            let answer = api.send(&method.to_uppercase(), &real, "application/json", b"{}");
            let (status, kind) = (answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap());
            let problem: Value = serde_json::from_slice(answer.body()).unwrap();
            let known = operation["responses"].as_object().unwrap();
            assert!(
                known.contains_key(&status.to_string()),
                "{method} {path}: {status} is not among {:?}",
                known.keys()
            );
            let explained =
                known[&status.to_string()]["content"]["application/problem+json"]["schema"]["$ref"].is_string();
            assert!(
                status >= 400 && explained && kind == "application/problem+json" && problem["help"].is_string(),
                "{method} {path}: {problem}"
            );
            tried += 1;
        }
    }
    tried
}

/// Whether a value has the properties of its schema, no others, and all that are required.
fn fits(document: &Value, schema: &Value, value: &Value, at: &str) {
    let schema = match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    };
    if let (Some(properties), Some(object)) = (schema["properties"].as_object(), value.as_object()) {
        for (key, value) in object {
            assert!(properties.contains_key(key), "{at}.{key} is not in the document");
            fits(document, &properties[key], value, &format!("{at}.{key}"));
        }
        for required in schema["required"].as_array().into_iter().flatten() {
            assert!(object.contains_key(required.as_str().unwrap()), "{at} has no {required}");
        }
    } else if let (Some(items), Some(list)) = (schema.get("items"), value.as_array()) {
        list.iter().for_each(|value| fits(document, items, value, at));
    }
}

fn wait(mut done: impl FnMut() -> bool) {
    let start = std::time::Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(30), "it does not happen");
        std::thread::sleep(Duration::from_millis(20));
    }
}

//! `maskd run` and its relatives, from outside.

mod basics;
mod camera;
mod check;
mod clock;
mod dice;
mod edits;
#[cfg(feature = "zenoh")]
mod fabric;
mod film;
mod full;
mod kill;
mod lifecycle;
mod pace;
mod players;
mod reload;
mod reshape;
mod service;
mod sinks;
mod term;
#[cfg(feature = "rerun")]
mod timeline;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use maskd_scene::{Scene, SceneConfig};
use serde_json::Value;

use crate::util::{Folder, SCENE, command};

/// No wait of a test is longer: the machine may be busy with others.
const PATIENCE: Duration = Duration::from_secs(60);

/// What every configuration here begins with: the quick way to compute, and any free port.
pub const BASE: &str = "[model]\ndevice = \"cpu\"\nimage_size = 128\nthreads = 1\n[http]\nlisten = \"127.0.0.1:0\"\n";

/// A `[[stream]]` on a rendered scene with a box around each of its objects on its first frame.
pub fn scene_stream(name: &str, address: &str) -> String {
    let config: SceneConfig = address.parse().unwrap();
    let first = Scene::new(config).unwrap().next_frame().unwrap();
    let mut text = format!("[[stream]]\nname = \"{name}\"\nsource = \"{address}\"\n");
    for (object, edges) in first.boxes() {
        text += &format!("[[stream.prompt]]\nobject = {object}\nname = \"thing {object}\"\nbox = {edges:?}\n");
    }
    text
}

/// A `[[sink]]` that writes lines to a file and misses nothing.
pub fn lines_sink(name: &str, to: &str, policy: &str) -> String {
    format!("[[sink]]\nkind = \"ndjson\"\nname = \"{name}\"\nto = \"{to}\"\npolicy = \"{policy}\"\n")
}

/// The rendered scene of the tests, without an end.
fn endless(seed: u64) -> String {
    SCENE.replace("frames=12", "frames=1000000").replace("seed=7", &format!("seed={seed}"))
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A daemon that runs until it is dropped.
pub struct Daemon {
    child: Child,
    log: PathBuf,
    /// Bytes of the log that earlier daemons have written.
    earlier: usize,
}

impl Daemon {
    /// Starts it on a configuration that is written into `folder`.
    pub fn start(folder: &Folder, config: &str, arguments: &[&str]) -> Self {
        Self::start_with(folder, config, arguments, &[])
    }

    /// As [`Daemon::start`], with further variables in its environment.
    pub fn start_with(folder: &Folder, config: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let path = folder.file("maskd.toml", config);
        let log = folder.at("log");
        let mut run = command([&["run", &path], arguments].concat());
        run.envs(environment.iter().copied());
        let earlier = fs::read(&log).map_or(0, |bytes| bytes.len());
        run.stdout(Stdio::null()).stderr(File::options().create(true).append(true).open(&log).unwrap());
        Self { child: run.spawn().unwrap(), log, earlier }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default().split_off(self.earlier)
    }

    /// Waits until something holds, for as long as the daemon runs.
    pub fn wait<T>(&mut self, what: &str, mut get: impl FnMut(&Self) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(found) = get(self) {
                return found;
            }
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "the daemon ended ({ended:?}) before {what}: {}", self.log());
            assert!(start.elapsed() < PATIENCE, "{what} did not happen: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// Waits for the end; how it ended and how long that took.
    pub fn end(&mut self) -> (ExitStatus, Duration) {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status, start.elapsed());
            }
            assert!(start.elapsed() < PATIENCE, "the daemon does not end: {}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends it with SIGTERM, which has to go well.
    pub fn terminate(&mut self) -> Duration {
        self.signal("-TERM");
        let (status, took) = self.end();
        assert!(status.success(), "{status}: {}", self.log());
        took
    }

    /// Ends it as a power cut would.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Where its HTTP server listens.
    pub fn http(&mut self) -> SocketAddr {
        self.wait("the HTTP server", |daemon| {
            let log = daemon.log();
            let line = log.lines().find(|line| line.contains("http address="))?;
            line.split("address=").nth(1)?.trim().parse().ok()
        })
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Value of a metric, by its name and labels as they stand in `/metrics`.
fn metric(address: SocketAddr, name: &str) -> f64 {
    let (status, text) = get(address, "/metrics");
    assert_eq!(status, 200);
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
    assert!(value.is_some(), "no {name} in {text}");
    value.unwrap_or_default()
}

/// Status and body of a GET.
fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    (status, if chunked { unchunk(body) } else { body.to_owned() })
}

fn unchunk(body: &str) -> String {
    let (mut rest, mut whole) = (body, String::new());
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        whole += &after[..size];
        rest = after[size..].trim_start_matches("\r\n");
    }
    whole
}

/// The whole lines of a file that is being written.
pub fn lines(path: &str) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Those that are about frames of a stream.
pub fn frames(lines: &[Value], stream: &str) -> Vec<Value> {
    lines.iter().filter(|line| line["stream"] == stream && line["objects"].is_array()).cloned().collect()
}

/// `(object, kind)` of the events of a stream.
fn events(lines: &[Value], stream: &str) -> Vec<(u64, String)> {
    let of = lines.iter().filter(|line| line["stream"] == stream && line["event"] == "object");
    of.map(|line| (line["object"].as_u64().unwrap(), line["kind"].as_str().unwrap().to_owned())).collect()
}

/// The states of a stream's source in the order in which they were entered, without `connecting`: a sink that is still being made by
/// then is told the last state only.
fn states(lines: &[Value], stream: &str) -> Vec<String> {
    let of = lines.iter().filter(|line| line["stream"] == stream && line["event"] == "status");
    let states = of.map(|line| line["state"].as_str().unwrap().to_owned());
    states.filter(|state| state != "connecting").collect()
}

/// Pixels of a label image against the objects of a line: where masks overlap, a pixel has one of their numbers.
#[cfg(any(feature = "rerun", feature = "zenoh"))]
fn assert_labels(labels: &[u8], objects: &[Value]) {
    let mask = |object: &Value| crate::click::mask(&object["mask"]).decode();
    let masks: Vec<_> = objects.iter().map(|object| (object["id"].as_u64().unwrap(), mask(object))).collect();
    for (pixel, label) in labels.iter().enumerate() {
        let here: Vec<u64> = masks.iter().filter(|(_, mask)| mask.data()[pixel] == 1).map(|(id, _)| *id).collect();
        assert!(
            if here.is_empty() { *label == 0 } else { here.contains(&u64::from(*label)) },
            "pixel {pixel}: {label} of {here:?}"
        );
    }
}

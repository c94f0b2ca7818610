//! The control API and live pictures, from outside.

mod api;
mod live;
mod past;
mod safety;
mod stress;
mod walkthrough;

use std::time::{Duration, Instant};

use maskd_scene::{Scene, SceneConfig, SceneFrame, Truth};
use maskd_types::Rle;
use serde_json::Value;
use ureq::Agent;
use ureq::http::{Request, Response};

use crate::daemon::{Daemon, frames, lines};
use crate::util::Folder;
pub use live::paced;

/// A client of the API.
pub struct Api {
    agent: Agent,
    pub address: String,
    pub token: Option<String>,
}

impl Api {
    pub fn of(daemon: &mut Daemon) -> Self {
        Self::at(format!("http://{}", daemon.http()))
    }

    fn at(address: String) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(60)));
        Self { agent: config.build().into(), address, token: None }
    }

    /// Status, headers and body.
    pub fn send(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> Response<Vec<u8>> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.address));
        if !body.is_empty() {
            request = request.header("content-type", kind);
        }
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        self.run(request.body(body.to_vec()).unwrap())
    }

    pub fn run(&self, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        let answer = self.agent.run(request).unwrap();
        let (parts, mut body) = answer.into_parts();
        Response::from_parts(parts, body.with_config().limit(1 << 26).read_to_vec().unwrap())
    }

    /// Status and JSON; null where there is none.
    pub fn call(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let answer = self.send(method, path, "application/json", &bytes);
        (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or(Value::Null))
    }

    pub fn get(&self, path: &str) -> (u16, Value) {
        self.call("GET", path, Value::Null)
    }

    /// Number of the newest frame of a stream that has one.
    pub fn newest(&self, stream: &str) -> u64 {
        loop {
            if let Some(frame) = self.get(&format!("/api/v1/streams/{stream}")).1["frame"].as_u64() {
                return frame;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// What is true of a frame of a scene, by its number.
pub fn truth(address: &str, number: u64) -> SceneFrame {
    let config: SceneConfig = address.parse().unwrap();
    Scene::new(config).unwrap().nth_frame(number)
}

trait Nth {
    fn nth_frame(&mut self, number: u64) -> SceneFrame;
}

impl Nth for Scene {
    fn nth_frame(&mut self, number: u64) -> SceneFrame {
        (0..=number).find_map(|at| self.next_frame().filter(|_| at == number)).unwrap()
    }
}

/// What is true of the first frames of a scene. Rendered beforehand: a test has no time for it while frames go by.
pub struct Truths(Vec<Vec<Truth>>);

impl Truths {
    pub fn of(address: &str, frames: usize) -> Self {
        let mut scene = Scene::new(address.parse().unwrap()).unwrap();
        Self((0..frames).map(|_| scene.next_frame().unwrap().truth).collect())
    }

    pub fn at(&self, frame: u64) -> &[Truth] {
        &self.0[usize::try_from(frame).unwrap()]
    }

    pub fn mask(&self, frame: u64, object: u32) -> &Rle {
        &self.at(frame).iter().find(|truth| truth.id.get() == object).unwrap().visible
    }
}

/// Frames of stream `a` tracked per second while something is done, by what the sink "lines" writes.
pub fn pace<T>(folder: &Folder, act: impl FnOnce() -> T) -> (f64, T) {
    let tracked = || frames(&lines(&folder.name("lines")), "a").len();
    let (start, before) = (Instant::now(), tracked());
    let done = act();
    ((tracked() - before) as f64 / start.elapsed().as_secs_f64(), done)
}

pub fn nothing_for(time: Duration) -> impl FnOnce() {
    move || std::thread::sleep(time)
}

/// The pace is the one from before. Where the machine cannot keep up with the stream's `fps` as it is, others take what they want of it,
/// and only a collapse can be told from that.
pub fn assert_pace(quiet: f64, busy: f64, fps: f64) {
    let part = if quiet > fps * 0.9 { 0.9 } else { 0.4 };
    if part < 0.9 {
        println!("SKIPPED in part: the machine is too busy for {fps} frames/s, so the pace is only looked at roughly");
    }
    assert!(busy > quiet * part, "{quiet:.1} frames/s before, {busy:.1} meanwhile");
}

/// A mask in COCO's form.
pub fn mask(json: &Value) -> Rle {
    serde_json::from_value(json.clone()).unwrap()
}

/// A point well inside of a mask: the middle of its longest vertical run.
pub fn inside(mask: &Rle) -> [f64; 2] {
    let longest = mask.segments().max_by_key(|segment| segment.y1 - segment.y0).unwrap();
    [f64::from(longest.x) + 0.5, f64::from(longest.y0 + longest.y1) / 2.0]
}

//! Live pictures: numbered, sized for who looks, and nobody's burden.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use maskd_live::FrameMessage;
use serde_json::json;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

use super::{Api, truth};
use crate::daemon::{BASE, Daemon, lines, lines_sink, scene_stream};
use crate::util::Folder;

/// A scene that goes on for ever at its own pace.
const SCENE: &str = "scene://?seed=7&objects=2&frames=1000000&size=320x192&fps=15";

/// A viewer as the page is one.
pub struct Viewer(WebSocket<MaybeTlsStream<TcpStream>>);

/// A frame as it is shown.
pub struct Shown {
    pub number: u64,
    pub size: [u32; 2],
    pub view: [u16; 2],
    pub ticket: u32,
    pub jpeg: Vec<u8>,
    /// Numbers and names.
    pub objects: Vec<(u32, String)>,
}

impl Viewer {
    pub fn open(api: &Api, stream: &str) -> Self {
        let address = api.address.replacen("http", "ws", 1);
        let (socket, _) = tungstenite::connect(format!("{address}/api/v1/streams/{stream}/live")).unwrap();
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        }
        Self(socket)
    }

    pub fn say(&mut self, word: &serde_json::Value) {
        self.0.send(Message::text(word.to_string())).unwrap();
    }

    /// The next frame, which is not answered.
    pub fn receive(&mut self) -> Shown {
        loop {
            if let Message::Binary(bytes) = self.0.read().unwrap() {
                return Shown::read(&bytes);
            }
        }
    }

    /// The next frame, drawn and answered.
    pub fn next(&mut self) -> Shown {
        let shown = self.receive();
        self.say(&json!({ "ack": shown.ticket }));
        shown
    }
}

impl Shown {
    fn read(bytes: &[u8]) -> Self {
        let FrameMessage { number, ticket, size, view, jpeg, objects } = FrameMessage::read(bytes).unwrap();
        let objects = objects.iter().map(|object| (object.id, object.name.to_owned())).collect();
        Self { number, size, view, ticket, jpeg: jpeg.to_vec(), objects }
    }
}

#[test]
fn frames_come_with_their_numbers_and_masks() {
    let folder = Folder::new();
    let mut daemon = Daemon::start(&folder, &(BASE.to_owned() + &paced("a", SCENE)), &[]);
    let api = Api::of(&mut daemon);
    let mut viewer = Viewer::open(&api, "a");
    viewer.say(&json!({ "width": 320 }));
    let mut last = viewer.next();
    for _ in 0..10 {
        let shown = viewer.next();
        assert!(shown.number > last.number && shown.ticket != last.ticket);
        last = shown;
    }
    assert_eq!((last.size, last.view), ([320, 192], [320, 192]));
    assert_eq!(last.objects, [(1, "thing 1".to_owned()), (2, "thing 2".to_owned())]);
    // The picture is that frame and no other.
    let picture = decode(&last.jpeg);
    let distance = |number: u64| -> u64 {
        let frame = truth(SCENE, number).frame;
        frame.rgb.iter().zip(&picture).map(|(a, b)| u64::from(a.abs_diff(*b))).sum()
    };
    let distances: Vec<u64> = (last.number.saturating_sub(2)..=last.number + 2).map(distance).collect();
    assert_eq!(distances.iter().min(), distances.get(2.min(last.number as usize)), "{distances:?}");
    daemon.terminate();
}

#[test]
fn a_viewer_that_never_answers_gets_two_frames_and_delays_nobody() {
    let folder = Folder::new();
    let to = folder.name("lines");
    let config = BASE.to_owned() + &paced("a", SCENE) + &lines_sink("lines", &to, "drop_oldest");
    let mut daemon = Daemon::start(&folder, &config, &[]);
    let api = Api::of(&mut daemon);
    let mut silent = Viewer::open(&api, "a");
    let mut other = Viewer::open(&api, "a");
    let first = silent.receive();
    assert!(silent.receive().number > first.number);
    let (started, before) = (Instant::now(), lines(&to).len());
    let seen = (0..30).map(|_| other.next()).count();
    let tracked = lines(&to).len() - before;
    assert!(tracked + 8 >= seen, "{tracked} frames tracked, {seen} shown in {:?}", started.elapsed());
    // It answers at last: frames come again, and new ones.
    let newest = other.next().number;
    silent.say(&json!({ "ack": first.ticket + 1 }));
    assert!(silent.next().number + 3 > newest);
    silent.say(&json!({ "pause": true }));
    daemon.terminate();
}

#[test]
fn small_screens_get_small_pictures_and_there_are_so_many_viewers() {
    let folder = Folder::new();
    let scene = SCENE.replace("320x192", "1280x720").replace("fps=15", "fps=4");
    let config = BASE.to_owned() + "max_viewers = 2\n" + &paced("a", &scene);
    let mut daemon = Daemon::start(&folder, &config, &[]);
    let api = Api::of(&mut daemon);
    let mut small = Viewer::open(&api, "a");
    small.say(&json!({ "width": 400 }));
    let sizes: Vec<[u16; 2]> = (0..5).map(|_| small.next().view).collect();
    assert_eq!(sizes.last(), Some(&[480, 270]), "{sizes:?}");
    let second = Viewer::open(&api, "a");
    let refused = tungstenite::connect(format!("{}/api/v1/streams/a/live", api.address.replacen("http", "ws", 1)));
    let tungstenite::Error::Http(answer) = refused.err().unwrap() else { panic!("not refused") };
    assert_eq!(answer.status(), 503);
    drop(second);
    let unknown = tungstenite::connect(format!("{}/api/v1/streams/b/live", api.address.replacen("http", "ws", 1)));
    let tungstenite::Error::Http(answer) = unknown.err().unwrap() else { panic!("not refused") };
    assert_eq!(answer.status(), 404);
    daemon.terminate();
}

#[test]
fn a_slow_viewer_gets_less_and_the_tracker_keeps_its_pace() {
    let folder = Folder::new();
    let to = folder.name("lines");
    let scene = SCENE.replace("320x192", "640x360").replace("fps=15", "fps=5");
    let config = BASE.to_owned() + &paced("a", &scene) + &lines_sink("lines", &to, "drop_oldest");
    let mut daemon = Daemon::start(&folder, &config, &[]);
    let api = Api::of(&mut daemon);
    let mut slow = Viewer::open(&api, "a");
    slow.say(&json!({ "width": 640 }));
    while slow.next().view != [640, 360] {}
    let (started, before) = (Instant::now(), lines(&to).len());
    let mut shown = 0;
    let bytes = loop {
        let frame = slow.receive();
        shown += 1;
        assert!(shown < 60, "it still gets {:?}", frame.view);
        if frame.view == [480, 270] {
            break frame.jpeg.len();
        }
        std::thread::sleep(Duration::from_millis(450));
        slow.say(&json!({ "ack": frame.ticket }));
    };
    let pace = (lines(&to).len() - before) as f64 / started.elapsed().as_secs_f64();
    println!("smaller after {shown} frames, {bytes} bytes each; {pace:.1} frames/s were tracked");
    assert!(pace > 4.0, "{pace:.1} frames/s");
    // The other one has the whole picture all the time.
    let mut fast = Viewer::open(&api, "a");
    fast.say(&json!({ "width": 640 }));
    assert!((0..10).any(|_| fast.next().view == [640, 360]));
    daemon.terminate();
}

/// A stream on a scene that is played at its own pace.
pub fn paced(name: &str, address: &str) -> String {
    scene_stream(name, address).replacen("source", "realtime = true\nsource", 1)
}

fn decode(jpeg: &[u8]) -> Vec<u8> {
    let folder = Folder::new();
    let path = folder.file("picture.jpg", jpeg);
    let mut source = maskd_capture::open(&path, &maskd_capture::CaptureOptions::default()).unwrap();
    source.next_frame().unwrap().unwrap().rgb.to_vec()
}

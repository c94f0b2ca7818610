//! A second process that subscribes and decodes, and what the tests see of it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};
use serde_json::{Value, from_str, json};
use zenoh::sample::{Sample, SampleKind};
use zenoh::{Config, Wait};

use super::common::live::PATIENCE;
use super::decode::{Detections, Image, detections, image};

/// Names the environment variable with what the second process is to do.
const ORDER: &str = "MASKD_TEST_ZENOH_READER";
/// Marks what it says among what the test harness says.
const MARK: &str = "@maskd ";

/// What to subscribe to, and where.
#[derive(Default, Serialize, Deserialize)]
pub struct Order {
    pub connect: Vec<String>,
    pub listen: Vec<String>,
    pub key: String,
    /// Whether bodies are decoded and told, not only that they came.
    pub bodies: bool,
}

/// What the second process has seen.
#[derive(Debug, Serialize, Deserialize)]
pub enum Seen {
    /// It subscribes from now on.
    Ready,
    /// A liveliness token came or went.
    Token { key: String, alive: bool },
    /// A message.
    Message { key: String, encoding: String, attachment: Option<Attachment>, body: Body },
}

/// What `rmw_zenoh` reads beside a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    pub number: i64,
    pub unix_ns: i64,
    pub publisher: Vec<u8>,
}

/// A decoded message.
#[derive(Debug, Serialize, Deserialize)]
pub enum Body {
    Detections(Detections),
    Image(Image),
    Json(Value),
    /// It did not decode.
    Broken,
    /// Nobody asked.
    Unread,
}

/// The second process, killed when dropped.
pub struct Reader {
    process: Child,
    seen: Receiver<Seen>,
}

impl Reader {
    /// Starts the process and waits until it subscribes.
    pub fn start(order: &Order) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "reader::second_process", "--ignored", "--nocapture"]);
        command.env(ORDER, json!(order).to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        // More than any test makes the process see.
        let (tell, seen) = sync_channel(100_000);
        thread::spawn(move || {
            let marked = lines.map_while(Result::ok).filter_map(|line| Some(line.split_once(MARK)?.1.to_owned()));
            marked.map(|line| from_str(&line).unwrap()).all(|seen: Seen| tell.send(seen).is_ok())
        });
        let reader = Self { process, seen };
        assert!(matches!(reader.next(), Seen::Ready));
        reader
    }

    /// Waits for what it sees next.
    pub fn next(&self) -> Seen {
        self.seen.recv_timeout(PATIENCE).unwrap()
    }

    /// What it has seen already.
    pub fn seen(&self) -> impl Iterator<Item = Seen> {
        self.seen.try_iter()
    }

    /// Waits for a message whose key holds this.
    pub fn message(&self, part: &str) -> (String, Option<Attachment>, Body) {
        loop {
            if let Seen::Message { key, attachment, body, .. } = self.next()
                && key.contains(part)
            {
                return (key, attachment, body);
            }
        }
    }

    /// Lets it do nothing more, without closing anything.
    pub fn freeze(&self) {
        let id = Pid::from_raw(self.process.id().try_into().unwrap()).unwrap();
        kill_process(id, Signal::STOP).unwrap();
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[test]
#[ignore = "it is the second process of the other tests, which start it"]
fn second_process() {
    let Ok(order) = std::env::var(ORDER) else {
        eprintln!("SKIPPED: only the other tests of this program start this one, with {ORDER}");
        return;
    };
    thread::spawn(|| {
        // The end of standard input is the end of whoever started this.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    read(&from_str(&order).unwrap());
}

fn read(order: &Order) {
    let mut config = Config::default();
    for (key, value) in [
        ("connect/endpoints", json!(order.connect)),
        ("listen/endpoints", json!(order.listen)),
        ("scouting/multicast/enabled", json!(false)),
    ] {
        config.insert_json5(key, &value.to_string()).unwrap();
    }
    let session = zenoh::open(config).wait().unwrap();
    let messages = session.declare_subscriber(order.key.as_str()).wait().unwrap();
    say(&Seen::Ready);
    let tokens = session.liveliness().declare_subscriber("@ros2_lv/**").history(true);
    let tokens = tokens.callback(|sample| {
        say(&Seen::Token { key: sample.key_expr().to_string(), alive: sample.kind() == SampleKind::Put })
    });
    let _tokens = tokens.wait().unwrap();
    while let Ok(sample) = messages.recv() {
        say(&message(&sample, order.bodies));
    }
}

fn say(seen: &Seen) {
    println!("\n{MARK}{}", json!(seen));
}

fn message(sample: &Sample, bodies: bool) -> Seen {
    let key = sample.key_expr().to_string();
    let bytes = sample.payload().to_bytes();
    let body = if !bodies {
        Some(Body::Unread)
    } else if key.contains("::Detection2DArray_") {
        detections(&bytes).map(Body::Detections)
    } else if key.contains("::Image_") {
        image(&bytes).map(Body::Image)
    } else {
        serde_json::from_slice(&bytes).ok().map(Body::Json)
    };
    let attachment = sample.attachment().map(|bytes| attachment(&bytes.to_bytes()));
    Seen::Message { key, encoding: sample.encoding().to_string(), attachment, body: body.unwrap_or(Body::Broken) }
}

fn attachment(bytes: &[u8]) -> Attachment {
    assert_eq!((bytes.len(), bytes[16]), (33, 16));
    let integer = |at: usize| i64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    Attachment { number: integer(0), unix_ns: integer(8), publisher: bytes[17..].to_vec() }
}

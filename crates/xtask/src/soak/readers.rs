//! Who reads what the daemon puts out: well, not at all, and by playing it.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// Before another attempt, and between two looks at whether the daemon has hung up.
const PAUSE: Duration = Duration::from_secs(1);

/// Reads lines for as long as the program runs; counts them.
pub fn good(port: u16) -> Arc<AtomicU64> {
    let lines = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&lines);
    thread::spawn(move || {
        loop {
            if let Ok(stream) = connect(port) {
                BufReader::new(stream).lines().map_while(Result::ok).for_each(|_| {
                    count.fetch_add(1, Ordering::Relaxed);
                });
            }
            thread::sleep(PAUSE);
        }
    });
    lines
}

/// Never reads, and comes back whenever it is cut off; counts how often it was.
pub fn idle(port: u16) -> Arc<AtomicU64> {
    let cuts = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&cuts);
    thread::spawn(move || {
        loop {
            if let Ok(mut stream) = connect(port) {
                // Only by writing does one who does not read learn that the other side has hung up.
                while stream.write_all(b"\n").is_ok() {
                    thread::sleep(PAUSE);
                }
                count.fetch_add(1, Ordering::Relaxed);
            }
            thread::sleep(PAUSE);
        }
    });
    cuts
}

fn connect(port: u16) -> std::io::Result<TcpStream> {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port))
}

/// A program that plays an RTSP stream and shows it to nobody, where there is one.
pub struct Player {
    url: String,
    child: Option<Child>,
    /// How often one joined.
    pub joined: u64,
}

impl Player {
    /// A player of the stream at `url` that is yet to join.
    pub fn new(url: String) -> Self {
        Self { url, child: None, joined: 0 }
    }

    /// Joins, if none is there that still plays.
    pub fn keep(&mut self) {
        let plays = self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)));
        if !plays {
            self.child = [self.ffmpeg(), self.gstreamer()].iter_mut().find_map(|command| command.spawn().ok());
            self.joined += u64::from(self.child.is_some());
        }
    }

    /// Leaves without a word.
    pub fn leave(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may be gone already.
            let _ = child.kill().and_then(|()| child.wait());
        }
    }

    fn ffmpeg(&self) -> Command {
        let mut command = quiet("ffmpeg");
        command.args(["-nostdin", "-v", "quiet", "-rtsp_transport", "tcp", "-i", &self.url, "-f", "null", "-"]);
        command
    }

    fn gstreamer(&self) -> Command {
        let mut command = quiet("gst-launch-1.0");
        let source = format!("location={}", self.url);
        command.args(["-q", "rtspsrc", &source, "protocols=tcp", "!", "decodebin", "!", "fakesink"]);
        command
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.leave();
    }
}

fn quiet(program: &str) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

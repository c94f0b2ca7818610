//! A real HTTP server on a local port that misbehaves on command.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the server does with one request.
#[derive(Clone, Copy)]
pub enum Reply {
    /// Sends what was asked for, honouring `Range`.
    Serve,
    /// Announces what was asked for, sends this many bytes of it and hangs up.
    CutAfter(usize),
    /// Sends everything with status 200, whatever range was asked for.
    IgnoreRange,
    /// Sends this status and an empty body; 3xx point to `/moved`.
    Status(u16),
    /// Sends with a `Content-Range` that is not the one asked for.
    WrongRange,
    /// Sends all with no announced length, then hangs up.
    Unannounced,
    /// Sends a bit and then nothing for a long time.
    Stall,
}

/// The first line of a request, and its `Range`.
type Request = (String, Option<String>);

pub struct Server {
    pub url: String,
    pub requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Answers one request after another in these ways, the last one for ever.
    pub fn start(content: Vec<u8>, replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/models", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, content) = (Arc::clone(&requests), Arc::new(content));
        std::thread::spawn(move || {
            for (index, stream) in listener.incoming().enumerate() {
                let Ok(mut stream) = stream else { return };
                let Some((line, range)) = read_request(&stream) else { continue };
                seen.lock().unwrap().push((line, range.clone()));
                let reply = replies[index.min(replies.len() - 1)];
                let content = Arc::clone(&content);
                // A client that hangs up first is none of the server's business.
                std::thread::spawn(move || answer(&mut stream, &content, range.as_deref(), reply));
            }
        });
        Self { url, requests }
    }

    pub fn ranges(&self) -> Vec<Option<String>> {
        self.requests.lock().unwrap().iter().map(|(_, range)| range.clone()).collect()
    }
}

fn read_request(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    let mut range = None;
    for line in lines {
        let line = line.ok()?;
        if line.is_empty() {
            return Some((first, range));
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("range: ") {
            range = Some(value.to_owned());
        }
    }
    None
}

fn answer(stream: &mut TcpStream, content: &[u8], range: Option<&str>, reply: Reply) -> std::io::Result<()> {
    let start = range.map_or(0, |range| range.trim_start_matches("bytes=").trim_end_matches('-').parse().unwrap());
    let total = content.len();
    let rest = content.get(start..).unwrap_or_default();
    let head = if start == 0 {
        format!("HTTP/1.1 200 OK\r\nContent-Length: {total}\r\n")
    } else {
        let last = total.saturating_sub(1);
        format!(
            "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {start}-{last}/{total}\r\nContent-Length: {}\r\n",
            rest.len()
        )
    };
    let (head, body) = match reply {
        Reply::Serve | Reply::Stall => (head, rest),
        Reply::CutAfter(count) => (head, &rest[..count.min(rest.len())]),
        Reply::IgnoreRange => (format!("HTTP/1.1 200 OK\r\nContent-Length: {total}\r\n"), content),
        Reply::Status(code) => (format!("HTTP/1.1 {code} X\r\nLocation: /moved\r\nContent-Length: 0\r\n"), &[][..]),
        Reply::WrongRange => (head.replace(&format!("bytes {start}-"), "bytes 1-"), rest),
        Reply::Unannounced => ("HTTP/1.1 200 OK\r\n".to_owned(), content),
    };
    stream.write_all(head.as_bytes())?;
    stream.write_all(b"Connection: close\r\n\r\n")?;
    if let Reply::Stall = reply {
        stream.write_all(&body[..100])?;
        std::thread::sleep(Duration::from_secs(2));
    }
    stream.write_all(body)
}

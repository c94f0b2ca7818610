//! A small RTSP client over TCP that shows what arrives, or reads nothing.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

pub struct Client {
    stream: BufReader<TcpStream>,
    url: String,
    sequence: u32,
    session: Option<String>,
    /// When PLAY was answered.
    pub played: Instant,
}

impl Client {
    /// Says everything up to PLAY.
    pub fn play(url: &str) -> Self {
        let host = url.strip_prefix("rtsp://").unwrap().split('/').next().unwrap();
        let stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let stream = BufReader::new(stream);
        let mut client = Self { stream, url: url.to_owned(), sequence: 0, session: None, played: Instant::now() };
        client.ask("DESCRIBE", "", "Accept: application/sdp\r\n");
        client.ask("SETUP", "/stream=0", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n");
        client.ask("PLAY", "", "");
        client.played = Instant::now();
        client
    }

    fn ask(&mut self, method: &str, path: &str, headers: &str) {
        self.sequence += 1;
        let session = self.session.as_ref().map(|id| format!("Session: {id}\r\n")).unwrap_or_default();
        let (url, number) = (&self.url, self.sequence);
        let request = format!("{method} {url}{path} RTSP/1.0\r\nCSeq: {number}\r\n{session}{headers}\r\n");
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        self.answer(method);
    }

    fn answer(&mut self, method: &str) {
        // Pictures may come before the answer that announces them.
        while self.stream.fill_buf().unwrap().first() == Some(&b'$') {
            self.packet();
        }
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        assert!(line.contains(" 200 "), "{method}: {line}");
        let mut length = 0;
        loop {
            line.clear();
            self.stream.read_line(&mut line).unwrap();
            let Some((name, value)) = line.split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "session" => self.session = value.trim().split(';').next().map(str::to_owned),
                "content-length" => length = value.trim().parse().unwrap(),
                _ => {}
            }
        }
        self.stream.read_exact(&mut vec![0; length]).unwrap();
    }

    /// The next packet that the server sends: its channel and its bytes.
    fn packet(&mut self) -> (u8, Vec<u8>) {
        let mut head = [0; 4];
        self.stream.read_exact(&mut head).unwrap();
        assert_eq!(head[0], b'$');
        let mut bytes = vec![0; usize::from(u16::from_be_bytes([head[2], head[3]]))];
        self.stream.read_exact(&mut bytes).unwrap();
        (head[1], bytes)
    }

    /// Waits for the next key frame, and tells when it began to arrive.
    pub fn key_frame(&mut self) -> Instant {
        loop {
            let (channel, bytes) = self.packet();
            if channel == 0 && begins_key_frame(bytes.get(12..).unwrap_or_default()) {
                return Instant::now();
            }
        }
    }
}

/// Whether the payload of a packet begins a picture that needs no other (RFC 6184).
fn begins_key_frame(payload: &[u8]) -> bool {
    let unit = |byte: u8| byte & 31;
    match (payload.first().copied().map(unit), payload.get(1)) {
        (Some(5), _) => true,
        // The first piece of one; only the first slice, of several, is counted.
        (Some(28), Some(head)) => head & 0x80 != 0 && unit(*head) == 5 && first_slice(payload.get(2)),
        _ => false,
    }
}

/// A slice header begins with the number of its first block, 0 being coded as one set bit.
fn first_slice(byte: Option<&u8>) -> bool {
    byte.is_some_and(|byte| byte & 0x80 != 0)
}

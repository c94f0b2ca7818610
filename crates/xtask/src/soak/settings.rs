//! The daemon's configuration, which changes while it runs.

use std::fmt::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use super::plan::STREAMS;

/// What cameras and scene have at first.
pub const SIZE: &str = "320x184";
/// What cameras encode at first.
pub const CODEC: &str = "h264";
/// Frames per second of the cameras.
pub const FPS: &str = "10";
/// Streams in the order of the plan.
pub const NAMES: [&str; STREAMS] = ["camera1", "camera2", "camera3", "scene"];
/// The stream that comes and goes.
pub const GUEST: &str = "guest";
/// Bytes that recordings may take.
pub const QUOTA: u64 = 8_000_000;

/// Boxes that lie within the smallest picture.
const FIRST: &str = "[110, 50, 210, 130]";
const SECOND: &str = "[20, 20, 100, 100]";

/// Ports of the daemon.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    /// Of `/metrics`.
    pub http: u16,
    /// Of the JSON lines.
    pub lines: u16,
    /// Of the RTSP sink.
    pub rtsp: u16,
}

impl Ports {
    /// Three that are free now.
    pub fn free() -> anyhow::Result<Self> {
        // All are held until all are known, or the same one would be given twice.
        let bind = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let (http, lines, rtsp) = (bind()?, bind()?, bind()?);
        let port = |listener: &TcpListener| listener.local_addr().map(|address| address.port());
        Ok(Self { http: port(&http)?, lines: port(&lines)?, rtsp: port(&rtsp)? })
    }
}

/// What differs from one reload to the next, and what does not.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where everything is that the daemon writes.
    pub folder: PathBuf,
    /// See there.
    pub ports: Ports,
    /// Addresses of the four streams.
    pub sources: [String; STREAMS],
    /// Whether the guest is there; it watches the first camera.
    pub guest: bool,
    /// Which streams have a second prompt.
    pub second: [bool; STREAMS],
}

impl Settings {
    /// The configuration file.
    pub fn file(&self) -> PathBuf {
        self.folder.join("soak.toml")
    }

    /// Where recordings go.
    pub fn recordings(&self) -> PathBuf {
        self.folder.join("recordings")
    }

    /// Text of the configuration file.
    pub fn toml(&self) -> String {
        let mut text = format!(
            "[model]\ndevice = \"cpu\"\nimage_size = 128\nthreads = 1\n\n[http]\nlisten = \"127.0.0.1:{}\"\n",
            self.ports.http
        );
        for ((name, source), second) in NAMES.iter().zip(&self.sources).zip(self.second) {
            text += &stream(name, source, second);
        }
        if self.guest {
            text += &stream(GUEST, &self.sources[0], false);
        }
        text + &self.sinks()
    }

    fn sinks(&self) -> String {
        let Ports { lines, rtsp, .. } = self.ports;
        let mut text = sink("ndjson", "file", &format!("streams = [\"{}\"]", NAMES[0]));
        let _ = writeln!(text, "to = {:?}", path(&self.folder.join("lines.ndjson")));
        text += &sink("ndjson", "socket", &format!("to = \"tcp://127.0.0.1:{lines}\""));
        text += &sink("rtsp", "players", &format!("listen = \"127.0.0.1:{rtsp}\""));
        text += &sink("file", "recordings", &format!("directory = {:?}", path(&self.recordings())));
        let _ = write!(text, "segment_s = 10\nquota_bytes = {QUOTA}\nreserve_bytes = \"100 MB\"\nndjson = true\n");
        text
    }
}

fn path(path: &Path) -> std::borrow::Cow<'_, str> {
    path.to_string_lossy()
}

fn stream(name: &str, source: &str, second: bool) -> String {
    let mut text = format!("\n[[stream]]\nname = \"{name}\"\nsource = \"{source}\"\n");
    for (object, edges) in [(1, FIRST), (2, SECOND)].into_iter().take(1 + usize::from(second)) {
        let _ = write!(text, "[[stream.prompt]]\nobject = {object}\nbox = {edges}\n");
    }
    text
}

fn sink(kind: &str, name: &str, rest: &str) -> String {
    format!("\n[[sink]]\nkind = \"{kind}\"\nname = \"{name}\"\n{rest}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guest_and_second_prompts_are_there_when_they_are_to_be() {
        let ports = Ports { http: 1, lines: 2, rtsp: 3 };
        let sources = NAMES.map(|name| format!("rtsp://127.0.0.1/{name}"));
        let mut settings = Settings { folder: "f".into(), ports, sources, guest: false, second: [false; STREAMS] };
        let count = |settings: &Settings, what: &str| settings.toml().matches(what).count();
        assert_eq!((count(&settings, "[[stream]]"), count(&settings, "[[stream.prompt]]")), (4, 4));
        settings.guest = true;
        settings.second[2] = true;
        assert_eq!((count(&settings, "[[stream]]"), count(&settings, "[[stream.prompt]]")), (5, 6));
        assert_eq!(count(&settings, "[[sink]]"), 4);
    }
}

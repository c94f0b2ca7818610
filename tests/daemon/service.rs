//! What a service manager such as systemd is told.

use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

use super::{BASE, Daemon, PATIENCE, frames, lines, lines_sink, states};
use crate::util::{Folder, SCENE};

/// The watchdog's interval: it must be fed more often.
const INTERVAL: Duration = Duration::from_secs(3);

/// The service manager's end of the socket.
struct Manager(UnixDatagram);

impl Manager {
    /// The next message, and how long it took to come.
    fn hear(&self) -> (String, Duration) {
        let (mut bytes, start) = ([0; 256], Instant::now());
        let length = self.0.recv(&mut bytes).expect("nothing comes");
        (String::from_utf8_lossy(&bytes[..length]).trim().to_owned(), start.elapsed())
    }
}

#[test]
fn the_service_manager_hears_of_the_start_of_progress_and_of_the_end() {
    let folder = Folder::new();
    let (to, socket) = (folder.name("lines.ndjson"), folder.name("notify"));
    let manager = Manager(UnixDatagram::bind(&socket).unwrap());
    manager.0.set_read_timeout(Some(PATIENCE)).unwrap();
    // A camera that is not there must not have the daemon restarted.
    let config = BASE.to_owned()
        + "[[stream]]\nname = \"away\"\nsource = \"rtsp://127.0.0.1:9/live\"\n"
        + &super::scene_stream("file", &SCENE.replace("frames=12", "frames=1000000"))
        + &lines_sink("lines", &to, "drop_oldest");
    let interval = INTERVAL.as_micros().to_string();
    let environment = [("NOTIFY_SOCKET", socket.as_str()), ("WATCHDOG_USEC", &interval)];
    let mut daemon = Daemon::start_with(&folder, &config, &[], &environment);
    assert_eq!(manager.hear().0, "READY=1");
    for _ in 0..4 {
        let (word, took) = manager.hear();
        assert_eq!(word, "WATCHDOG=1");
        assert!(took < INTERVAL, "the watchdog would have bitten after {took:?}");
    }
    assert!(states(&lines(&to), "away").contains(&"backoff".to_owned()) && frames(&lines(&to), "file").len() > 3);
    daemon.signal("-TERM");
    let last = std::iter::repeat_with(|| manager.hear().0).find(|word| word != "WATCHDOG=1");
    assert_eq!(last.as_deref(), Some("STOPPING=1"));
    assert!(daemon.end().0.success());
}

#[test]
fn a_daemon_that_cannot_start_is_never_ready() {
    let folder = Folder::new();
    let socket = folder.name("notify");
    let manager = Manager(UnixDatagram::bind(&socket).unwrap());
    manager.0.set_nonblocking(true).unwrap();
    let config = BASE.to_owned() + "[state]\ndirectory = \"/proc/nowhere\"\n" + &super::scene_stream("a", SCENE);
    let mut daemon = Daemon::start_with(&folder, &config, &[], &[("NOTIFY_SOCKET", &socket)]);
    assert_eq!(daemon.end().0.code(), Some(1), "{}", daemon.log());
    assert!(manager.0.recv(&mut [0; 256]).is_err(), "it said that it was ready");
}

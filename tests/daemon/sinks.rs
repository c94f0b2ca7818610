//! Sinks that are slow, stuck or not there cost nobody else anything.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use super::{BASE, Daemon, frames, free_port, get, lines, lines_sink, pace, scene_stream};
use crate::util::{Folder, SCENE};

#[test]
fn a_reader_that_never_reads_and_a_broker_that_hangs_delay_nobody() {
    let folder = Folder::new();
    let to = folder.name("lines.ndjson");
    let port = free_port();
    // Accepts by its backlog and never says a word.
    let broker = TcpListener::bind("127.0.0.1:0").unwrap();
    let endless = SCENE.replace("frames=12", "frames=1000000");
    let mqtt = format!(
        "[[sink]]\nkind = \"mqtt\"\nname = \"broker\"\nbroker = \"mqtt://127.0.0.1:{}\"\n",
        broker.local_addr().unwrap().port()
    );
    let config = BASE.to_owned()
        + &scene_stream("a", &endless)
        + &lines_sink("lines", &to, "drop_oldest")
        + &lines_sink("socket", &format!("tcp://127.0.0.1:{port}"), "latest")
        + &mqtt;
    let mut daemon = Daemon::start(&folder, &config, &[]);
    daemon.wait("frames", |_| (frames(&lines(&to), "a").len() > 15).then_some(()));
    let began = pace::now();
    let stuck = daemon.wait("the socket", |_| TcpStream::connect(("127.0.0.1", port)).ok());
    let mut reader = TcpStream::connect(("127.0.0.1", port)).unwrap();
    reader.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let started = Instant::now();
    let seen = frames(&lines(&to), "a").len();
    let mut buffer = [0; 4096];
    while started.elapsed() < Duration::from_secs(4) {
        assert!(reader.read(&mut buffer).unwrap() > 0, "a reader that reads was cut off");
    }
    let tracked = frames(&lines(&to), "a").len() - seen;
    assert!(tracked > 8, "only {tracked} frames in four seconds");
    pace::assert_kept(&lines(&to), "a", &(began..pace::now()));
    let http = daemon.http();
    let (_, metrics) = get(http, "/metrics");
    assert!(metrics.contains("maskd_sink_working{sink=\"lines\",kind=\"ndjson\"} 1"), "{metrics}");
    assert!(metrics.contains("maskd_sink_working{sink=\"broker\",kind=\"mqtt\"} 0"), "{metrics}");
    let took = daemon.terminate();
    assert!(took.as_secs_f64() < 6.0, "it took {took:?}");
    drop(stuck);
}

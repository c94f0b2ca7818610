//! Readers of a socket: several, late ones, ones that do not read.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation is a failed test")]

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use common::live::{PATIENCE, removed, shot, shot_of, status, wait_for};
use maskd_output::ndjson::{NdjsonServer, NdjsonTarget, ReaderCounts, ServerConfig, SocketAddress, maker};
use maskd_output::{OutputError, Sink};
use maskd_types::SourceState;
use serde_json::Value;

fn serve(config: ServerConfig) -> (NdjsonServer, String, Arc<ReaderCounts>) {
    let counts = Arc::new(ReaderCounts::default());
    let server = NdjsonServer::bind(&SocketAddress::Tcp("127.0.0.1:0".into()), &config, counts.clone()).unwrap();
    let SocketAddress::Tcp(address) = server.address().clone() else { panic!("{:?}", server.address()) };
    (server, address, counts)
}

struct Reader<S>(BufReader<S>);

impl<S: Read> Reader<S> {
    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        assert!(line.ends_with('\n'), "a torn line: {line:?}");
        serde_json::from_str(&line).unwrap()
    }
}

fn connect(address: &str) -> Reader<TcpStream> {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    Reader(BufReader::new(stream))
}

#[test]
fn every_reader_gets_frames_and_notices_and_a_late_one_the_states_first() {
    let (mut server, address, counts) = serve(ServerConfig::default());
    server.notice(&status("door", SourceState::Connecting)).unwrap();
    server.notice(&status("yard", SourceState::Backoff)).unwrap();
    server.notice(&status("door", SourceState::Live)).unwrap();
    server.notice(&status("gone", SourceState::Live)).unwrap();
    server.notice(&removed("gone")).unwrap();
    let mut readers = [connect(&address), connect(&address)];
    wait_for("both are in", || counts.connected() == 2);
    for reader in &mut readers {
        assert_eq!(reader.line()["state"], "backoff");
        assert_eq!(reader.line()["state"], "live");
    }
    for number in 0..20 {
        server.write(&shot("door", number)).unwrap();
    }
    server.notice(&status("door", SourceState::Stalled)).unwrap();
    for reader in &mut readers {
        (0..20).for_each(|number| assert_eq!(reader.line()["frame"], number));
        assert_eq!(reader.line()["state"], "stalled");
    }
    drop(readers);
    wait_for("that they have left is noticed", || {
        server.write(&shot("door", 20)).unwrap();
        counts.connected() == 0
    });
    assert_eq!((counts.accepted(), counts.stuck(), counts.refused(), counts.lines_dropped()), (2, 0, 0, 0));
}

#[test]
fn a_reader_that_does_not_read_is_disconnected_and_no_other_notices() {
    let config = ServerConfig { write_deadline: Duration::from_millis(500), queue: 8, ..ServerConfig::default() };
    let (mut server, address, counts) = serve(config);
    let mut good = connect(&address);
    let stuck = TcpStream::connect(&address).unwrap();
    let mut trickle = TcpStream::connect(&address).unwrap();
    wait_for("all are in", || counts.connected() == 3);
    let over = Arc::new(AtomicBool::new(false));
    let end = over.clone();
    let slowly = std::thread::spawn(move || {
        // One byte now and then is no reading either.
        while !end.load(Ordering::SeqCst) && trickle.read(&mut [0]).is_ok_and(|bytes| bytes > 0) {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let (mut slowest, mut number) = (Duration::ZERO, 0);
    let deadline = Instant::now() + PATIENCE;
    while counts.stuck() < 2 {
        assert!(Instant::now() < deadline, "nobody was disconnected");
        let frame = shot_of("door", number, [640, 480]);
        let start = Instant::now();
        server.write(&frame).unwrap();
        assert_eq!(good.line()["frame"], number, "the good reader gets every frame");
        slowest = slowest.max(start.elapsed());
        number += 1;
    }
    println!("{number} frames, the slowest took {slowest:?} from the sink to the good reader");
    assert!(slowest < config.write_deadline, "nobody waits for a stuck reader: {slowest:?}");
    assert_eq!(counts.connected(), 1);
    assert!(counts.lines_dropped() > 0);
    drop(stuck);
    over.store(true, Ordering::SeqCst);
    slowly.join().unwrap();
}

#[test]
fn there_is_an_end_to_readers_and_those_who_left_make_room() {
    let (_server, address, counts) = serve(ServerConfig { max_readers: 2, ..ServerConfig::default() });
    let first = TcpStream::connect(&address).unwrap();
    let _second = TcpStream::connect(&address).unwrap();
    wait_for("two are in", || counts.connected() == 2);
    let mut third = TcpStream::connect(&address).unwrap();
    third.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(third.read(&mut [0; 9]).unwrap(), 0, "hung up on");
    wait_for("it is counted", || counts.refused() == 1);
    drop(first);
    wait_for("another is let in", || {
        let _fourth = TcpStream::connect(&address).unwrap();
        counts.accepted() >= 3
    });
}

#[test]
fn finishing_delivers_what_waits_and_hangs_up() {
    let (mut server, address, counts) = serve(ServerConfig::default());
    let mut reader = connect(&address);
    wait_for("it is in", || counts.connected() == 1);
    (0..50).for_each(|number| server.write(&shot("door", number)).unwrap());
    let all = std::thread::spawn(move || {
        (0..50).for_each(|number| assert_eq!(reader.line()["frame"], number));
        assert_eq!(reader.0.read(&mut [0]).unwrap(), 0);
    });
    server.finish().unwrap();
    all.join().unwrap();
    assert_eq!(counts.connected(), 0);
    assert!(matches!(server.write(&shot("door", 50)), Err(OutputError::Closed { .. })));
    assert!(TcpStream::connect(&address).is_err(), "nobody listens any more");
}

#[test]
fn finishing_does_not_wait_for_a_stuck_reader_for_ever() {
    let (mut server, address, counts) =
        serve(ServerConfig { write_deadline: Duration::from_millis(300), ..ServerConfig::default() });
    let _stuck = TcpStream::connect(&address).unwrap();
    wait_for("it is in", || counts.connected() == 1);
    (0..64).for_each(|number| server.write(&shot_of("door", number, [640, 480])).unwrap());
    let start = Instant::now();
    server.finish().unwrap();
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[test]
fn a_unix_socket_is_private_replaces_a_dead_one_and_goes_away() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("maskd.sock");
    // What a killed process leaves: a socket that nobody listens on.
    drop(UnixListener::bind(&path).unwrap());
    let address = SocketAddress::Unix(path.clone());
    let bind = || NdjsonServer::bind(&address, &ServerConfig::default(), Arc::default());
    let mut server = bind().unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o660);
    let error = bind().err().unwrap();
    assert!(matches!(error, OutputError::Create { .. }), "the living one stays: {error}");
    server.notice(&status("door", SourceState::Live)).unwrap();
    let mut reader = Reader(BufReader::new(UnixStream::connect(&path).unwrap()));
    assert_eq!(reader.line()["state"], "live");
    server.finish().unwrap();
    assert!(!path.exists());
    std::fs::write(&path, "a file of someone's").unwrap();
    assert!(bind().is_err(), "a file is not removed");
    assert_eq!(std::fs::read(&path).unwrap(), b"a file of someone's");
}

#[test]
fn lines_can_be_sent_to_whoever_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = SocketAddress::Tcp(listener.local_addr().unwrap().to_string());
    let config = ServerConfig { write_deadline: Duration::from_millis(300), ..ServerConfig::default() };
    let mut make = maker(NdjsonTarget::Connect(address), false, config, Arc::default());
    let mut sink = make().unwrap();
    let (mut stream, _) = listener.accept().unwrap();
    stream.write_all(b"what a reader says is not read").unwrap();
    sink.write(&shot("door", 7)).unwrap();
    sink.notice(&status("door", SourceState::Live)).unwrap();
    let mut reader = Reader(BufReader::new(stream));
    assert_eq!((reader.line()["frame"].clone(), reader.line()["state"].clone()), (7.into(), "live".into()));
    let error = (0..200).find_map(|number| sink.write(&shot_of("door", number, [640, 480])).err()).unwrap();
    assert!(error.to_string().contains("timed out"), "{error}");
    drop((listener, reader));
    assert!(make().is_err(), "nobody listens");
}

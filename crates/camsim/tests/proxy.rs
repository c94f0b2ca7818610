//! The proxy between clients and servers of its own, and between a viewer and a camera.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is not as it must be")]

mod common;

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use common::{PATIENCE, Viewer, until};
use maskd_camsim::{Admission, Camera, CameraConfig, Faults, Flow, Proxy};

/// Answers one connection with what it hears.
fn echo() -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut writer = stream.try_clone().unwrap();
        // Ends by an error where the proxy resets the connection.
        let _ = std::io::copy(&mut stream, &mut writer);
    });
    (address, thread)
}

fn connect(proxy: &Proxy) -> TcpStream {
    let stream = TcpStream::connect(proxy.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn hear(mut stream: &TcpStream, length: usize) -> Vec<u8> {
    let mut heard = vec![0; length];
    stream.read_exact(&mut heard).unwrap();
    heard
}

#[test]
fn bytes_and_the_end_pass_both_ways() {
    let (target, server) = echo();
    let proxy = Proxy::tcp(target, 1).unwrap();
    let mut stream = connect(&proxy);
    let sent: Vec<u8> = (0..3_000_000_u32).map(|index| (index % 251) as u8).collect();
    let writer = {
        let (mut stream, sent) = (stream.try_clone().unwrap(), sent.clone());
        thread::spawn(move || {
            stream.write_all(&sent).unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
        })
    };
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).unwrap();
    assert!(heard == sent);
    writer.join().unwrap();
    server.join().unwrap();
    until("the connection is forgotten", || proxy.counters().open == 0);
    let counters = proxy.counters();
    assert_eq!((counters.to_server.bytes, counters.to_client.bytes), (3_000_000, 3_000_000));
}

#[test]
fn a_stall_holds_everything_until_it_ends() {
    let (target, server) = echo();
    let proxy = Proxy::tcp(target, 1).unwrap();
    let mut stream = connect(&proxy);
    stream.write_all(b"one").unwrap();
    assert_eq!(hear(&stream, 3), b"one");
    proxy.set(|faults| faults.to_client.stalled = true).unwrap();
    stream.write_all(b"two").unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    let kind = stream.read(&mut [0; 3]).unwrap_err().kind();
    assert!(matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut), "{kind:?}");
    proxy.set(|faults| faults.to_client.stalled = false).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(hear(&stream, 3), b"two");
    drop(stream);
    server.join().unwrap();
}

#[test]
fn delay_and_rate_take_their_time() {
    let (target, server) = echo();
    let proxy = Proxy::tcp(target, 1).unwrap();
    let mut stream = connect(&proxy);
    proxy.set(|faults| faults.to_server.delay = Duration::from_millis(300)).unwrap();
    let begin = Instant::now();
    stream.write_all(b"late").unwrap();
    assert_eq!(hear(&stream, 4), b"late");
    assert!(begin.elapsed() >= Duration::from_millis(300));
    proxy
        .set(|faults| {
            faults.to_server.delay = Duration::ZERO;
            faults.to_client.bytes_per_second = 20_000;
        })
        .unwrap();
    let begin = Instant::now();
    stream.write_all(&[7; 10_000]).unwrap();
    hear(&stream, 10_000);
    assert!(begin.elapsed() >= Duration::from_millis(490), "{:?}", begin.elapsed());
    drop(stream);
    server.join().unwrap();
}

#[test]
fn a_reset_is_one_on_both_sides() {
    let (target, server) = echo();
    let proxy = Proxy::tcp(target, 1).unwrap();
    let mut stream = connect(&proxy);
    stream.write_all(b"x").unwrap();
    hear(&stream, 1);
    proxy.reset().unwrap();
    assert_eq!(stream.read(&mut [0; 1]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    server.join().unwrap();
    assert_eq!(proxy.counters().open, 0);
}

#[test]
fn new_connections_are_refused_or_left_hanging() {
    let (target, server) = echo();
    let proxy = Proxy::tcp(target, 1).unwrap();
    proxy.set(|faults| faults.admission = Admission::Refuse).unwrap();
    assert_eq!(TcpStream::connect(proxy.address()).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    proxy.set(|faults| faults.admission = Admission::Hang).unwrap();
    let mut hanging = connect(&proxy);
    hanging.write_all(b"hello?").unwrap();
    hanging.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    assert!(matches!(hanging.read(&mut [0; 1]).unwrap_err().kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
    until("the connection counts as hung", || proxy.counters().hung == 1);
    proxy.set(|faults| faults.admission = Admission::Relay).unwrap();
    let mut stream = connect(&proxy);
    stream.write_all(b"x").unwrap();
    assert_eq!(hear(&stream, 1), b"x");
    drop(stream);
    server.join().unwrap();
}

#[test]
fn a_target_that_is_not_there() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let proxy = Proxy::tcp(gone, 1).unwrap();
    let read = connect(&proxy).read(&mut [0; 1]);
    assert!(matches!(read, Err(error) if error.kind() == ErrorKind::ConnectionReset));
    until("the failure is counted", || proxy.counters().failed == 1);
}

/// Sends numbered datagrams through the proxy and gives the numbers that arrive.
fn datagrams(seed: u64, change: impl FnOnce(&mut Faults)) -> (Vec<u16>, Flow) {
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    server.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    let proxy = Proxy::udp(server.local_addr().unwrap(), seed).unwrap();
    proxy.set(change).unwrap();
    let count = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&count);
    let listener = thread::spawn(move || {
        let (mut heard, mut buffer) = (Vec::new(), [0; 2]);
        while let Ok((_, sender)) = server.recv_from(&mut buffer) {
            heard.push(u16::from_be_bytes(buffer));
            counter.store(heard.len() as u64, Ordering::Relaxed);
            server.send_to(b"ok", sender).unwrap();
        }
        heard
    });
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    for number in 0..500_u16 {
        client.send_to(&number.to_be_bytes(), proxy.address()).unwrap();
        // Not faster than all can read: the kernel's own losses would count as the proxy's.
        if number % 50 == 49 {
            until("the datagrams have arrived", || {
                let Flow { units, dropped, duplicated, .. } = proxy.counters().to_server;
                units > u64::from(number) && count.load(Ordering::Relaxed) == units - dropped + duplicated
            });
        }
    }
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(client.recv(&mut [0; 2]).unwrap(), 2);
    (listener.join().unwrap(), proxy.counters().to_server)
}

#[test]
fn datagrams_are_lost_as_told_and_by_the_seed() {
    let (heard, flow) = datagrams(5, |faults| faults.to_server.drop = 0.1);
    assert!((25..=80).contains(&flow.dropped), "{flow:?}");
    assert_eq!((heard.len() as u64, flow.units), (500 - flow.dropped, 500));
    let (again, _) = datagrams(5, |faults| faults.to_server.drop = 0.1);
    assert_eq!(again, heard);
}

#[test]
fn datagrams_are_doubled_and_overtaken() {
    let (heard, flow) = datagrams(6, |faults| {
        faults.to_server.duplicate = 0.1;
        faults.to_server.reorder = 0.1;
    });
    assert_eq!(heard.len() as u64, 500 + flow.duplicated);
    assert!(flow.duplicated > 20 && flow.reordered > 20 && !heard.is_sorted(), "{flow:?}");
}

fn camera() -> Camera {
    Camera::start(CameraConfig { size: (320, 240), ..CameraConfig::default() }).unwrap()
}

#[test]
fn rtsp_over_udp_passes_and_survives_losses() {
    let camera = camera();
    let proxy = Proxy::rtsp(camera.address(), 3).unwrap();
    let viewer = Viewer::open(&proxy.through(&camera.url()), "udp");
    viewer.next().number().unwrap();
    assert_eq!(proxy.counters().channels, 2);
    proxy.set(|faults| faults.to_client.drop = 0.05).unwrap();
    let lossy = proxy.counters().to_client.units;
    let begin = viewer.next().number();
    // A client of this kind shows damaged frames or leaves them out; it must not stop.
    until("packets have been lost", || {
        viewer.next();
        proxy.counters().to_client.dropped >= 10
    });
    proxy.set(|faults| faults.to_client.drop = 0.0).unwrap();
    viewer.next_where(|seen| seen.number() > begin);
    let flow = proxy.counters().to_client;
    let share = flow.dropped as f64 / (flow.units - lossy) as f64;
    assert!(share < 0.12, "{share}");
    assert_eq!(viewer.error(), None);
}

#[test]
fn a_stalled_stream_of_either_transport_goes_on_after_the_stall() {
    for protocols in ["tcp", "udp"] {
        let camera = camera();
        let proxy = Proxy::rtsp(camera.address(), 3).unwrap();
        let viewer = Viewer::open(&proxy.through(&camera.url()), protocols);
        let before = viewer.next().number().unwrap();
        proxy.set(|faults| faults.to_client.stalled = true).unwrap();
        viewer.falls_silent();
        proxy.set(|faults| faults.to_client.stalled = false).unwrap();
        viewer.next_where(|seen| seen.number().is_some_and(|number| number > before));
        assert_eq!(viewer.error(), None, "{protocols}");
    }
}

#[test]
fn interleaved_frames_are_lost_one_by_one() {
    let camera = camera();
    let proxy = Proxy::rtsp(camera.address(), 3).unwrap();
    let viewer = Viewer::open(&proxy.through(&camera.url()), "tcp");
    viewer.next();
    proxy.set(|faults| faults.to_client.drop = 0.1).unwrap();
    until("frames have been lost", || {
        viewer.next();
        proxy.counters().to_client.dropped >= 10
    });
    assert_eq!((viewer.error(), proxy.counters().channels), (None, 0));
}

#[test]
fn addresses_lead_through_the_proxy() {
    let proxy = Proxy::tcp("127.0.0.1:9".parse().unwrap(), 1).unwrap();
    let expected = format!("rtsp://u:p@{}/a/b?c=d", proxy.address());
    assert_eq!(proxy.through("rtsp://u:p@10.0.0.1:554/a/b?c=d"), expected);
}

//! That waiting costs nothing. One test only: it counts what all proxies of the process take.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is not as it must be")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use maskd_camsim::Proxy;

/// Hundredths of a second that the proxy's thread has run.
fn proxy_ticks() -> u64 {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let stats = tasks.filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("stat")).ok());
    let own = stats.filter(|stat| stat.contains("(camsim-proxy)"));
    let ticks = own.flat_map(|stat| {
        stat.split(' ').skip(13).take(2).map(|field| field.parse::<u64>().unwrap()).collect::<Vec<_>>()
    });
    ticks.sum()
}

#[test]
fn a_proxy_with_nothing_to_do_sleeps() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = Proxy::tcp(listener.local_addr().unwrap(), 1).unwrap();
    let server = thread::spawn(move || {
        let mut heard = Vec::new();
        let (mut stream, _) = listener.accept().unwrap();
        stream.read_to_end(&mut heard).unwrap();
        stream.write_all(&heard).unwrap();
    });
    let mut stream = TcpStream::connect(proxy.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    proxy.set(|faults| faults.to_client.stalled = true).unwrap();
    stream.write_all(b"held").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    server.join().unwrap();
    // A connection that is half closed, with bytes held, whose server has gone.
    let before = proxy_ticks();
    thread::sleep(Duration::from_secs(1));
    assert!(proxy_ticks() - before < 30, "{}", proxy_ticks() - before);
    proxy.set(|faults| faults.to_client.stalled = false).unwrap();
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).unwrap();
    assert_eq!(heard, b"held");
}

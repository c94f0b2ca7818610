//! A way to an RTSP server on which datagrams get lost: the RTSP connection passes through, RTP over UDP is led through
//! a socket of its own that drops what it is told to.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// Decides over an RTP packet, by its bytes: whether it gets lost.
pub type Drops = Arc<dyn Fn(&[u8]) -> bool + Send + Sync>;

pub struct Lossy {
    address: SocketAddr,
    over: Arc<AtomicBool>,
}

impl Lossy {
    pub fn start(server: SocketAddr, drops: Drops) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, over) = (listener.local_addr().unwrap(), Arc::new(AtomicBool::new(false)));
        let ended = over.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                let server = TcpStream::connect(server).unwrap();
                let ports = Arc::new(std::sync::Mutex::new(None));
                let (drops, ended) = (drops.clone(), ended.clone());
                let to_server = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let known = ports.clone();
                thread::spawn(move || {
                    pass(to_server, |text| match port_of(&text) {
                        Some(own) if text.starts_with("SETUP") => {
                            let new = *known.lock().unwrap().get_or_insert_with(|| (relay(own, &drops, &ended), own));
                            text.replace(&field(own), &field(new.0))
                        }
                        _ => text,
                    });
                });
                thread::spawn(move || {
                    pass((server, client), |text| match *ports.lock().unwrap() {
                        Some((new, own)) => text.replace(&field(new), &field(own)),
                        None => text,
                    });
                });
            }
        });
        Self { address, over }
    }

    pub fn url(&self) -> String {
        format!("rtsp://{}/live", self.address)
    }
}

impl Drop for Lossy {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        TcpStream::connect(self.address).ok();
    }
}

fn field(port: u16) -> String {
    format!("client_port={port}-{}", port + 1)
}

fn port_of(text: &str) -> Option<u16> {
    text.split_once("client_port=")?.1.split('-').next()?.parse().ok()
}

/// Copies requests or answers; each of them comes in one piece on the loopback.
fn pass((mut from, mut to): (TcpStream, TcpStream), change: impl Fn(String) -> String) {
    let mut buffer = [0; 16_384];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let text = change(String::from_utf8_lossy(&buffer[..length]).into_owned());
        if to.write_all(text.as_bytes()).is_err() {
            break;
        }
    }
    to.shutdown(std::net::Shutdown::Both).ok();
}

/// Two neighbouring sockets that lead to two of the client; gives the first one's port.
fn relay(client: u16, drops: &Drops, over: &Arc<AtomicBool>) -> u16 {
    let (rtp, rtcp) = (0..100)
        .find_map(|_| {
            let rtp = UdpSocket::bind("127.0.0.1:0").ok()?;
            let rtcp = UdpSocket::bind(("127.0.0.1", rtp.local_addr().ok()?.port().checked_add(1)?)).ok()?;
            Some((rtp, rtcp))
        })
        .unwrap();
    let port = rtp.local_addr().unwrap().port();
    let nothing: Drops = Arc::new(|_| false);
    for (socket, to, drops) in [(rtp, client, drops.clone()), (rtcp, client + 1, nothing)] {
        let over = over.clone();
        socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        thread::spawn(move || {
            let mut buffer = [0; 65_536];
            while !over.load(Ordering::Relaxed) {
                if let Ok(length) = socket.recv(&mut buffer)
                    && !drops(&buffer[..length])
                {
                    socket.send_to(&buffer[..length], ("127.0.0.1", to)).ok();
                }
            }
        });
    }
    port
}

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Instant;

use super::dice::Dice;
use super::faults::{Counters, Faults};
use super::lane::{Kind, Lane};
use super::transport::Ports;

/// Datagrams that are taken from one socket before others have their turn.
const AT_ONCE: usize = 64;
/// Clients of a proxy for datagrams, and streams of RTSP sessions, at most.
const MOST: usize = 256;
const ATTEMPTS: usize = 64;

/// A way for datagrams between one client and one server.
pub(super) struct Channel {
    /// The TCP connection that it belongs to; `None` for a proxy of datagrams alone.
    owner: Option<u64>,
    /// Faces the client.
    pub(super) near: Arc<UdpSocket>,
    /// Faces the server.
    pub(super) far: UdpSocket,
    client: SocketAddr,
    /// Unknown until the server has named its port.
    server: Option<SocketAddr>,
    up: Lane,
    down: Lane,
}

impl Channel {
    pub(super) fn read_near(&mut self, faults: &Faults, counters: &mut Counters, now: Instant) {
        let near = Arc::clone(&self.near);
        receive_all(&near, |datagram, _| {
            self.up.enter(datagram, Kind::Datagram, &faults.to_server, now, &mut counters.to_server);
        });
    }

    pub(super) fn read_far(&mut self, faults: &Faults, counters: &mut Counters, now: Instant) {
        receive_all(&self.far, |datagram, _| {
            self.down.enter(datagram, Kind::Datagram, &faults.to_client, now, &mut counters.to_client);
        });
    }

    /// Sends whatever is due. A datagram that cannot be sent is lost, as on any network.
    pub(super) fn flush(&mut self, faults: &Faults, now: Instant) {
        while let Some(datagram) = self.up.leave(&faults.to_server, now) {
            let _ = self.server.map(|server| self.far.send_to(&datagram, server));
        }
        while let Some(datagram) = self.down.leave(&faults.to_client, now) {
            let _ = self.near.send_to(&datagram, self.client);
        }
    }

    pub(super) fn next_due(&self, faults: &Faults) -> Option<Instant> {
        let dues = [self.up.next_due(&faults.to_server), self.down.next_due(&faults.to_client)];
        dues.into_iter().flatten().min()
    }
}

/// Takes what has arrived at a socket.
fn receive_all(socket: &UdpSocket, mut take: impl FnMut(Vec<u8>, SocketAddr)) {
    let mut buffer = vec![0; 65_536];
    for _ in 0..AT_ONCE {
        // An error is the answer to an earlier datagram that nobody wanted, or that there is nothing more.
        let Ok((length, from)) = socket.recv_from(&mut buffer) else { return };
        take(buffer.get(..length).unwrap_or_default().to_vec(), from);
    }
}

/// Two channels for one stream of an RTSP session.
pub(super) struct Pair {
    pub(super) ids: [u64; 2],
    /// Ports that the client is to know.
    pub(super) near: Ports,
    /// Ports that the server is to know.
    pub(super) far: Ports,
}

/// All channels of a proxy.
pub(super) struct Channels {
    seed: u64,
    next: u64,
    pub(super) open: BTreeMap<u64, Channel>,
}

impl Channels {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, next: 0, open: BTreeMap::new() }
    }

    fn add(&mut self, owner: Option<u64>, near: Arc<UdpSocket>, far: UdpSocket, client: SocketAddr) -> u64 {
        self.next += 1;
        let lane = |direction| Lane::new(Dice::new(self.seed, self.next * 4 + direction));
        let channel = Channel { owner, near, far, client, server: None, up: lane(2), down: lane(3) };
        self.open.insert(self.next, channel);
        self.next
    }

    /// Opens the way for a stream whose client listens at two addresses.
    pub(super) fn open_pair(
        &mut self,
        owner: u64,
        (near, far): (IpAddr, IpAddr),
        clients: [SocketAddr; 2],
    ) -> io::Result<Pair> {
        if self.open.len() + 2 > MOST {
            return Err(io::Error::other("too many streams pass the proxy"));
        }
        let ([near_rtp, near_rtcp], near) = bind_pair(near)?;
        let ([far_rtp, far_rtcp], far) = bind_pair(far)?;
        let [rtp, rtcp] = clients;
        let ids = [
            self.add(Some(owner), Arc::new(near_rtp), far_rtp, rtp),
            self.add(Some(owner), Arc::new(near_rtcp), far_rtcp, rtcp),
        ];
        Ok(Pair { ids, near, far })
    }

    /// Tells where the server is.
    pub(super) fn set_server(&mut self, id: u64, server: SocketAddr) {
        if let Some(channel) = self.open.get_mut(&id) {
            channel.server = Some(server);
        }
    }

    pub(super) fn close_owned(&mut self, owner: u64) {
        self.open.retain(|_, channel| channel.owner != Some(owner));
    }

    /// Takes what has arrived at the one socket of a proxy for datagrams; each sender gets a way of its own to `target`.
    pub(super) fn read_shared(
        &mut self,
        near: &Arc<UdpSocket>,
        target: SocketAddr,
        faults: &Faults,
        counters: &mut Counters,
        now: Instant,
    ) {
        receive_all(near, |datagram, from| {
            let known = self.open.iter().find(|(_, channel)| channel.client == from).map(|(id, _)| *id);
            let Some(id) = known.or_else(|| self.admit(near, from, target)) else { return };
            if let Some(channel) = self.open.get_mut(&id) {
                channel.up.enter(datagram, Kind::Datagram, &faults.to_server, now, &mut counters.to_server);
            }
        });
    }

    fn admit(&mut self, near: &Arc<UdpSocket>, client: SocketAddr, target: SocketAddr) -> Option<u64> {
        if self.open.len() >= MOST {
            return None;
        }
        let far = bind(SocketAddr::new(unspecified(target.ip()), 0)).ok()?;
        let id = self.add(None, Arc::clone(near), far, client);
        self.set_server(id, target);
        Some(id)
    }
}

fn unspecified(like: IpAddr) -> IpAddr {
    match like {
        IpAddr::V4(_) => std::net::Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
    }
}

pub(super) fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind(address)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Two sockets on an even port and the one after it, as RFC 3550 asks for RTP and RTCP.
fn bind_pair(ip: IpAddr) -> io::Result<([UdpSocket; 2], Ports)> {
    let mut misses = Vec::new();
    for _ in 0..ATTEMPTS {
        let first = bind(SocketAddr::new(ip, 0))?;
        let port = first.local_addr()?.port();
        if port.is_multiple_of(2)
            && let Ok(second) = bind(SocketAddr::new(ip, port + 1))
        {
            return Ok(([first, second], [port, port + 1]));
        }
        // Kept open, so that the system offers another one.
        misses.push(first);
    }
    Err(io::Error::new(io::ErrorKind::AddrInUse, "no two neighbouring UDP ports are free"))
}

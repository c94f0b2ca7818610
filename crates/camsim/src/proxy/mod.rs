//! A way to a server that can be made bad: lossy, slow, broken, blocked.

mod channel;
mod control;
mod dice;
mod engine;
mod faults;
mod lane;
mod session;
mod splitter;
mod stream;
mod transport;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;

use crate::CamsimError;
use control::Control;
use engine::{Engine, Entrance};

pub use faults::{Admission, Counters, Faults, Flow, Impairment};

/// A proxy in front of a server. Dropping it ends its thread, its connections and its port.
pub struct Proxy {
    control: Arc<Control>,
    address: SocketAddr,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Passes TCP on, byte by byte, from a free port of the loopback to `target`. `seed` decides about chance.
    ///
    /// # Errors
    /// When a socket or the thread cannot be made.
    pub fn tcp(target: SocketAddr, seed: u64) -> Result<Self, CamsimError> {
        Self::tcp_at(loopback(target), target, seed, false)
    }

    /// Passes RTSP on: like [`tcp`](Self::tcp), but interleaved frames are lost one by one, and UDP ports that client and
    /// server agree upon are replaced by own ones, so that RTP and RTCP over UDP pass the proxy too.
    ///
    /// # Errors
    /// When a socket or the thread cannot be made.
    pub fn rtsp(target: SocketAddr, seed: u64) -> Result<Self, CamsimError> {
        Self::tcp_at(loopback(target), target, seed, true)
    }

    /// Passes datagrams on from a free port of the loopback to `target`, and the answers back.
    ///
    /// # Errors
    /// When a socket or the thread cannot be made.
    pub fn udp(target: SocketAddr, seed: u64) -> Result<Self, CamsimError> {
        let listen = loopback(target);
        let socket = channel::bind(listen).map_err(CamsimError::socket(format!("opening the UDP port {listen}")))?;
        let address = socket.local_addr().map_err(CamsimError::socket("asking for the own port"))?;
        Self::start(Entrance::Udp { socket: Arc::new(socket) }, address, target, seed)
    }

    /// [`tcp`](Self::tcp) or [`rtsp`](Self::rtsp) at a given address.
    ///
    /// # Errors
    /// When the port is taken, or a socket or the thread cannot be made.
    pub fn tcp_at(listen: SocketAddr, target: SocketAddr, seed: u64, rtsp: bool) -> Result<Self, CamsimError> {
        let listener = engine::listen(listen).map_err(CamsimError::socket(format!("listening on {listen}")))?;
        let address = listener.local_addr().map_err(CamsimError::socket("asking for the own port"))?;
        Self::start(Entrance::Tcp { listener: Some(listener), rtsp }, address, target, seed)
    }

    fn start(entrance: Entrance, address: SocketAddr, target: SocketAddr, seed: u64) -> Result<Self, CamsimError> {
        let control = Arc::new(Control::new().map_err(CamsimError::socket("opening an eventfd"))?);
        let engine = Engine::new(Arc::clone(&control), entrance, address, target, seed);
        let thread = std::thread::Builder::new().name("camsim-proxy".to_owned()).spawn(move || engine.run());
        let thread = thread.map_err(|source| CamsimError::Thread { name: "proxy", source })?;
        Ok(Self { control, address, thread: Some(thread) })
    }

    /// Where clients come.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// An address that leads to the target, changed to lead here: replaces its host and port.
    pub fn through(&self, url: &str) -> String {
        let (scheme, rest) = url.split_once("://").unwrap_or(("rtsp", url));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let login = authority.rsplit_once('@').map(|(login, _)| format!("{login}@")).unwrap_or_default();
        format!("{scheme}://{login}{}/{path}", self.address)
    }

    /// Changes what is wrong with the way; it holds when this returns. What is on its way already keeps its time.
    ///
    /// # Errors
    /// When the port, closed before by [`Admission::Refuse`], has been taken by somebody else.
    pub fn set(&self, change: impl FnOnce(&mut Faults)) -> Result<(), CamsimError> {
        self.order(|orders| change(&mut orders.faults))
    }

    /// What is wrong with the way now.
    pub fn faults(&self) -> Faults {
        self.control.faults()
    }

    /// Ends all connections by RST on both sides, those that hang too, and forgets all ways for datagrams.
    ///
    /// # Errors
    /// When the thread does not answer.
    pub fn reset(&self) -> Result<(), CamsimError> {
        self.order(|orders| orders.reset = true)
    }

    /// What has happened so far.
    pub fn counters(&self) -> Counters {
        self.control.counters()
    }

    fn order(&self, change: impl FnOnce(&mut control::Orders)) -> Result<(), CamsimError> {
        let failed = |source: io::Error| CamsimError::Socket { action: "switching the proxy".to_owned(), source };
        self.control.order(change).map_err(failed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // The thread ends without an answer.
        let _ = self.control.order(|orders| orders.quit = true);
        if let Some(thread) = self.thread.take() {
            // A panic in it has been printed by the panic itself.
            let _ = thread.join();
        }
    }
}

fn loopback(like: SocketAddr) -> SocketAddr {
    let ip = if like.is_ipv4() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { std::net::Ipv6Addr::LOCALHOST.into() };
    SocketAddr::new(ip, 0)
}

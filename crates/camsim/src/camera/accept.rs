use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::thread::JoinHandle;

use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};

use crate::CamsimError;

/// A thread that accepts connections; dropping it closes the port.
pub(super) struct Acceptor {
    address: SocketAddr,
    stop: Arc<OwnedFd>,
    thread: Option<JoinHandle<()>>,
}

impl Acceptor {
    /// Listens on `address` and hands every connection to `welcome`.
    pub(super) fn start(
        address: SocketAddr,
        welcome: impl Fn(TcpStream, SocketAddr) + Send + 'static,
    ) -> Result<Self, CamsimError> {
        let listener = TcpListener::bind(address).map_err(CamsimError::socket(format!("listening on {address}")))?;
        let address = listener.local_addr().map_err(CamsimError::socket("asking for the own port"))?;
        listener.set_nonblocking(true).map_err(CamsimError::socket("configuring the listening socket"))?;
        let stop = eventfd(0, EventfdFlags::CLOEXEC)
            .map_err(|error| CamsimError::socket("opening an eventfd")(error.into()))?;
        let stop = Arc::new(stop);
        let stopped = Arc::clone(&stop);
        let run = move || accept_all(&listener, &stopped, welcome);
        let thread = std::thread::Builder::new().name("camsim-accept".to_owned()).spawn(run);
        let thread = thread.map_err(|source| CamsimError::Thread { name: "accepting", source })?;
        Ok(Self { address, stop, thread: Some(thread) })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Acceptor {
    fn drop(&mut self) {
        // An eventfd takes 8 bytes; this cannot fail while its counter is far from full.
        let _ = rustix::io::write(&self.stop, &1_u64.to_ne_bytes());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn accept_all(listener: &TcpListener, stop: &OwnedFd, welcome: impl Fn(TcpStream, SocketAddr)) {
    loop {
        let mut waiting = [PollFd::new(listener, PollFlags::IN), PollFd::new(stop, PollFlags::IN)];
        // Interrupted by a signal, or one of the two is ready: both are looked at.
        let _ = poll(&mut waiting, None);
        let [_, stop] = &waiting;
        if !stop.revents().is_empty() {
            return;
        }
        if let Ok((stream, peer)) = listener.accept() {
            welcome(stream, peer);
        }
    }
}

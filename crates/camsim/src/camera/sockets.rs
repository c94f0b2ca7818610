use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::net::connect_unspec;

/// Own handles of all connections, for what the server library offers no way to do.
#[derive(Default)]
pub(super) struct Sockets {
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    next: u64,
    arriving: Option<u64>,
    sockets: HashMap<u64, OwnedFd>,
}

impl Sockets {
    fn lock(&self) -> MutexGuard<'_, Open> {
        // The table is whole between any two statements.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn insert(&self, socket: OwnedFd) -> u64 {
        let mut open = self.lock();
        open.next += 1;
        let id = open.next;
        open.sockets.insert(id, socket);
        open.arriving = Some(id);
        id
    }

    /// The connection that came last, once.
    pub(super) fn take_arriving(&self) -> Option<u64> {
        self.lock().arriving.take()
    }

    /// Must be called as soon as the server has closed its handle: the connection lives as long as any.
    pub(super) fn remove(&self, id: u64) {
        self.lock().sockets.remove(&id);
    }

    pub(super) fn len(&self) -> usize {
        self.lock().sockets.len()
    }

    /// Ends all connections by RST.
    pub(super) fn reset_all(&self) {
        for socket in self.lock().sockets.values() {
            // Dissolving the association sends RST at once, however many handles there are (Linux, `tcp_disconnect`). It
            // fails only where the connection is gone already.
            let _ = connect_unspec(socket);
        }
    }
}

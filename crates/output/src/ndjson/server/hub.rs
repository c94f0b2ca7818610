use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::reader::{Line, Reader};
use super::{ReaderCounts, ServerConfig};
use crate::ndjson::socket::Socket;

/// Streams whose last state is kept for readers to come.
const REMEMBERED_STREAMS: usize = 256;

/// All readers of a socket.
pub(super) struct Hub {
    inner: Mutex<Inner>,
    config: ServerConfig,
    counts: Arc<ReaderCounts>,
}

struct Inner {
    readers: Vec<Reader>,
    /// The last line about the state of each stream.
    states: VecDeque<(Arc<str>, Line)>,
    /// Every reader's thread holds a copy; `None` once the socket is closed.
    alive: Option<Sender<()>>,
    ended: Receiver<()>,
}

impl Hub {
    pub(super) fn new(config: ServerConfig, counts: Arc<ReaderCounts>) -> Self {
        let (alive, ended) = bounded(1);
        let inner = Inner { readers: Vec::new(), states: VecDeque::new(), alive: Some(alive), ended };
        Self { inner: Mutex::new(inner), config, counts }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every change under the lock is complete in one step.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a reader in, which first learns where every stream stands.
    pub(super) fn add(&self, socket: Socket) -> io::Result<()> {
        let mut inner = self.lock();
        inner.readers.retain(|reader| !reader.is_gone());
        if inner.readers.len() >= self.config.max_readers {
            inner.readers.retain(|reader| !reader.has_left());
        }
        let room = inner.readers.len() < self.config.max_readers;
        let Some(alive) = inner.alive.clone().filter(|_| room) else {
            self.counts.turned_away();
            return Ok(());
        };
        let first = inner.states.iter().map(|(_, line)| line.clone()).collect();
        let ServerConfig { queue, write_deadline, .. } = self.config;
        let reader = Reader::start(socket, first, queue, write_deadline, &self.counts, alive)?;
        inner.readers.push(reader);
        Ok(())
    }

    /// Whether there is anyone to write for.
    pub(super) fn has_readers(&self) -> bool {
        let mut inner = self.lock();
        inner.readers.retain(|reader| !reader.is_gone());
        !inner.readers.is_empty()
    }

    pub(super) fn send(&self, line: &Line) {
        self.lock().readers.iter().for_each(|reader| reader.send(line));
    }

    /// Keeps a line about a stream's state for readers to come, in place of the one before.
    pub(super) fn remember(&self, stream: &Arc<str>, line: &Line) {
        let states = &mut self.lock().states;
        states.retain(|(known, _)| known != stream);
        if states.len() >= REMEMBERED_STREAMS {
            states.pop_front();
        }
        states.push_back((stream.clone(), line.clone()));
    }

    /// Readers to come have no use for a stream that is gone.
    pub(super) fn forget(&self, stream: &Arc<str>) {
        self.lock().states.retain(|(known, _)| known != stream);
    }

    /// Lets every reader have what waits for it, for as long as `patience`, and hangs up.
    pub(super) fn close(&self, patience: Duration) {
        let (readers, ended) = {
            let mut inner = self.lock();
            inner.alive = None;
            (std::mem::take(&mut inner.readers), inner.ended.clone())
        };
        let sockets: Vec<Socket> = readers.iter().filter_map(Reader::clone_socket).collect();
        drop(readers);
        // Nobody ever sends: this returns when the last thread has dropped its end, or when patience ends.
        let _ = ended.recv_timeout(patience);
        sockets.iter().for_each(Socket::shut_down);
    }
}

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use super::ReaderCounts;
use crate::ndjson::socket::Socket;

/// A line that several readers share.
pub(super) type Line = Arc<str>;

/// The sink's end of a reader: dropping it lets the reader's thread write what waits and hang up.
pub(super) struct Reader {
    lines: Sender<Line>,
    /// The other end of the same queue, to drop its oldest line.
    waiting: Receiver<Line>,
    socket: Socket,
    gone: Arc<AtomicBool>,
    counts: Arc<ReaderCounts>,
}

/// What a reader's thread works with.
struct Writer {
    lines: Receiver<Line>,
    socket: Socket,
    deadline: Duration,
    gone: Arc<AtomicBool>,
    counts: Arc<ReaderCounts>,
    /// Dropped with the thread, which is how one waits for all of them.
    _alive: Sender<()>,
}

impl Reader {
    /// Starts the thread; it writes `first` before all else.
    pub(super) fn start(
        socket: Socket,
        first: Vec<Line>,
        queue: usize,
        deadline: Duration,
        counts: &Arc<ReaderCounts>,
        alive: Sender<()>,
    ) -> io::Result<Self> {
        let (lines, waiting) = bounded(queue.max(1));
        let gone = Arc::new(AtomicBool::new(false));
        let writer = Writer {
            lines: waiting.clone(),
            socket: socket.try_clone()?,
            deadline,
            gone: gone.clone(),
            counts: counts.clone(),
            _alive: alive,
        };
        thread::Builder::new().name("ndjson-reader".into()).spawn(move || writer.run(&first))?;
        counts.came();
        Ok(Self { lines, waiting, socket, gone, counts: counts.clone() })
    }

    /// Hands a line over without waiting.
    pub(super) fn send(&self, line: &Line) {
        let mut line = line.clone();
        while let Err(TrySendError::Full(again)) = self.lines.try_send(line) {
            if self.waiting.try_recv().is_ok() {
                self.counts.missed_a_line();
            }
            line = again;
        }
    }

    /// Whether its thread has given it up.
    pub(super) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }

    /// Whether it has closed its end, which writing alone would show only with the next line.
    pub(super) fn has_left(&self) -> bool {
        self.is_gone() || self.socket.has_left()
    }

    /// Its socket, to hang up on it after the queue is gone.
    pub(super) fn clone_socket(&self) -> Option<Socket> {
        self.socket.try_clone().ok()
    }
}

impl Writer {
    fn run(mut self, first: &[Line]) {
        let mut end = first.iter().try_for_each(|line| self.write(line));
        while end.is_ok() {
            let Ok(line) = self.lines.recv() else { break };
            end = self.write(&line);
        }
        if end.is_err_and(|error| error.kind() == io::ErrorKind::TimedOut) {
            self.counts.did_not_read();
        }
        self.gone.store(true, Ordering::Relaxed);
        self.socket.shut_down();
        self.counts.went();
    }

    fn write(&mut self, line: &Line) -> io::Result<()> {
        self.socket.write_within(line.as_bytes(), self.deadline)
    }
}

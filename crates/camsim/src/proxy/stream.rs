use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Instant;

use rustix::event::PollFlags;
use rustix::net::connect_unspec;

use super::channel::Channels;
use super::dice::Dice;
use super::faults::{Counters, Faults, Flow, Impairment};
use super::lane::{Kind, Lane};
use super::session::Session;
use super::splitter::Splitter;

/// Bytes of one read, and with that the size of a unit where there is no other.
const CHUNK: usize = 16 * 1024;
/// Reads before others have their turn.
const AT_ONCE: usize = 8;

/// One direction of a connection.
struct Half {
    lane: Lane,
    splitter: Option<Splitter>,
    /// Leaves now, from `sent` on.
    out: Vec<u8>,
    sent: usize,
    /// The sender has closed its side.
    ended: bool,
    /// And the receiver has been told.
    closed: bool,
}

impl Half {
    fn new(dice: Dice, rtsp: bool) -> Self {
        let splitter = rtsp.then(Splitter::default);
        Self { lane: Lane::new(dice), splitter, out: Vec::new(), sent: 0, ended: false, closed: false }
    }

    fn wants_input(&self, impairment: &Impairment) -> bool {
        !self.ended && !impairment.stalled && self.lane.has_room()
    }

    fn wants_output(&self, impairment: &Impairment) -> bool {
        !impairment.stalled && !self.out.is_empty()
    }

    fn next_due(&self, impairment: &Impairment) -> Option<Instant> {
        self.lane.next_due(impairment).filter(|_| self.out.is_empty())
    }

    /// Reads what is there and decides about it.
    fn read(&mut self, mut from: &TcpStream, mut enter: impl FnMut(&mut Lane, Kind, Vec<u8>)) -> io::Result<()> {
        let mut buffer = vec![0; CHUNK];
        for _ in 0..AT_ONCE {
            if self.ended || !self.lane.has_room() {
                break;
            }
            match from.read(&mut buffer) {
                Ok(length) => self.take(buffer.get(..length).unwrap_or_default(), &mut enter),
                Err(error) if is_later(&error) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Cuts bytes into units; none at all are the end.
    fn take(&mut self, bytes: &[u8], enter: &mut impl FnMut(&mut Lane, Kind, Vec<u8>)) {
        self.ended = bytes.is_empty();
        let Some(splitter) = &mut self.splitter else {
            if !self.ended {
                enter(&mut self.lane, Kind::Frame, bytes.to_vec());
            }
            return;
        };
        splitter.push(bytes);
        while let Some((kind, unit)) = splitter.next_unit() {
            enter(&mut self.lane, kind, unit);
        }
        if self.ended
            && let Some((kind, unit)) = splitter.rest()
        {
            enter(&mut self.lane, kind, unit);
        }
    }

    /// Writes what is due; passes the end on after everything else.
    fn write(&mut self, to: &TcpStream, impairment: &Impairment, now: Instant) -> io::Result<()> {
        if impairment.stalled {
            return Ok(());
        }
        self.write_due(to, impairment, now)?;
        if self.ended && !self.closed && self.out.is_empty() && self.lane.is_empty() {
            self.closed = true;
            // The receiver may have gone first.
            let _ = to.shutdown(Shutdown::Write);
        }
        Ok(())
    }

    fn write_due(&mut self, mut to: &TcpStream, impairment: &Impairment, now: Instant) -> io::Result<()> {
        loop {
            if self.out.is_empty() {
                let Some(unit) = self.lane.leave(impairment, now) else { return Ok(()) };
                (self.out, self.sent) = (unit, 0);
            }
            match to.write(self.out.get(self.sent..).unwrap_or_default()) {
                Ok(length) => self.sent += length,
                Err(error) if is_later(&error) => return Ok(()),
                Err(error) => return Err(error),
            }
            if self.sent == self.out.len() {
                self.out.clear();
            }
        }
    }
}

/// Whether the socket is merely not ready.
fn is_later(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

/// A connection that is passed on.
pub(super) struct Stream {
    pub(super) client: TcpStream,
    pub(super) server: TcpStream,
    up: Half,
    down: Half,
    session: Option<Session>,
}

impl Stream {
    pub(super) fn new(id: u64, client: TcpStream, server: TcpStream, seed: u64, rtsp: bool) -> io::Result<Self> {
        for socket in [&client, &server] {
            socket.set_nonblocking(true)?;
            socket.set_nodelay(true)?;
        }
        let session = if rtsp { Some(Session::new(id, &client, &server)?) } else { None };
        let half = |direction| Half::new(Dice::new(seed, id * 4 + direction), rtsp);
        Ok(Self { up: half(0), down: half(1), client, server, session })
    }

    /// What to wait for, at the client's socket and the server's.
    pub(super) fn interests(&self, faults: &Faults) -> [PollFlags; 2] {
        let flags = |input: bool, output: bool| {
            let mut flags = PollFlags::empty();
            flags.set(PollFlags::IN, input);
            flags.set(PollFlags::OUT, output);
            flags
        };
        let (up, down) = (&faults.to_server, &faults.to_client);
        [
            flags(self.up.wants_input(up), self.down.wants_output(down)),
            flags(self.down.wants_input(down), self.up.wants_output(up)),
        ]
    }

    pub(super) fn next_due(&self, faults: &Faults) -> Option<Instant> {
        [self.up.next_due(&faults.to_server), self.down.next_due(&faults.to_client)].into_iter().flatten().min()
    }

    /// Reads from the client.
    pub(super) fn read_client(
        &mut self,
        faults: &Faults,
        counters: &mut Counters,
        channels: &mut Channels,
        now: Instant,
    ) -> io::Result<()> {
        let Self { client, up, session, .. } = self;
        let rewrite = |session: &mut Session, message| session.request(message, channels);
        up.read(client, entrance(session, rewrite, &faults.to_server, &mut counters.to_server, now))
    }

    /// Reads from the server.
    pub(super) fn read_server(
        &mut self,
        faults: &Faults,
        counters: &mut Counters,
        channels: &mut Channels,
        now: Instant,
    ) -> io::Result<()> {
        let Self { server, down, session, .. } = self;
        let rewrite = |session: &mut Session, message| session.response(message, channels);
        down.read(server, entrance(session, rewrite, &faults.to_client, &mut counters.to_client, now))
    }

    /// Writes what is due in both directions.
    pub(super) fn flush(&mut self, faults: &Faults, now: Instant) -> io::Result<()> {
        self.up.write(&self.server, &faults.to_server, now)?;
        self.down.write(&self.client, &faults.to_client, now)
    }

    /// Whether both sides have closed in order.
    pub(super) fn is_over(&self) -> bool {
        self.up.closed && self.down.closed
    }

    /// Ends both sides by RST.
    pub(super) fn reset(&self) {
        for socket in [&self.client, &self.server] {
            reset(socket);
        }
    }
}

/// Ends a connection by RST.
pub(super) fn reset(socket: &TcpStream) {
    // Fails only where it is gone already.
    let _ = connect_unspec(socket);
}

/// The way of a unit into a lane.
fn entrance<'a>(
    session: &'a mut Option<Session>,
    mut rewrite: impl FnMut(&mut Session, Vec<u8>) -> Vec<u8> + 'a,
    impairment: &'a Impairment,
    flow: &'a mut Flow,
    now: Instant,
) -> impl FnMut(&mut Lane, Kind, Vec<u8>) + 'a {
    move |lane, kind, unit| {
        let unit = match session {
            Some(session) if kind == Kind::Message => rewrite(session, unit),
            _ => unit,
        };
        lane.enter(unit, kind, impairment, now, flow);
    }
}

//! The one thread of a proxy: waits for all its sockets at once.

use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::channel::Channels;
use super::control::{Control, Orders};
use super::faults::{Admission, Counters, Faults};
use super::stream::{Stream, reset};

/// Connections that are passed on at the same time, and those that hang, at most.
const MOST_STREAMS: usize = 128;
/// For the target to accept. The proxy stands still meanwhile; on one machine the answer comes at once.
const CONNECT: Duration = Duration::from_secs(1);

/// Where the proxy meets its clients.
pub(super) enum Entrance {
    /// The listener is away while connections are refused.
    Tcp {
        listener: Option<TcpListener>,
        rtsp: bool,
    },
    Udp {
        socket: Arc<UdpSocket>,
    },
}

/// What a socket that is ready belongs to.
#[derive(Clone, Copy)]
enum Key {
    Wake,
    Entrance,
    Client(u64),
    Server(u64),
    Near(u64),
    Far(u64),
}

pub(super) struct Engine {
    control: Arc<Control>,
    entrance: Entrance,
    address: SocketAddr,
    target: SocketAddr,
    seed: u64,
    next: u64,
    streams: BTreeMap<u64, Stream>,
    hanging: Vec<TcpStream>,
    channels: Channels,
    counters: Counters,
}

impl Engine {
    pub(super) fn new(
        control: Arc<Control>,
        entrance: Entrance,
        address: SocketAddr,
        target: SocketAddr,
        seed: u64,
    ) -> Self {
        Self {
            control,
            entrance,
            address,
            target,
            seed,
            next: 0,
            streams: BTreeMap::new(),
            hanging: Vec::new(),
            channels: Channels::new(seed),
            counters: Counters::default(),
        }
    }

    pub(super) fn run(mut self) {
        loop {
            let orders = self.control.orders();
            if orders.quit {
                return;
            }
            let obeyed = self.obey(&orders);
            self.flush(&orders.faults);
            self.publish();
            self.control.done(&orders, obeyed);
            for key in self.wait(&orders.faults) {
                self.serve(key, &orders.faults);
            }
        }
    }

    fn publish(&mut self) {
        self.counters.open = self.streams.len() as u64;
        self.counters.channels = self.channels.open.len() as u64;
        self.control.publish(self.counters);
    }

    /// Carries out what cannot be left to the next packet.
    fn obey(&mut self, orders: &Orders) -> io::Result<()> {
        if orders.reset {
            self.streams.values().for_each(Stream::reset);
            self.hanging.iter().for_each(reset);
            self.streams.clear();
            self.hanging.clear();
            self.channels.open.clear();
        }
        if let Entrance::Tcp { listener, .. } = &mut self.entrance {
            match (orders.faults.admission, listener.is_some()) {
                (Admission::Refuse, true) => *listener = None,
                (Admission::Relay | Admission::Hang, false) => *listener = Some(listen(self.address)?),
                _ => {}
            }
        }
        Ok(())
    }

    fn flush(&mut self, faults: &Faults) {
        let now = Instant::now();
        self.channels.open.values_mut().for_each(|channel| channel.flush(faults, now));
        let over: Vec<u64> = self
            .streams
            .iter_mut()
            .filter_map(|(id, stream)| {
                let broken = stream.flush(faults, now).is_err();
                if broken {
                    stream.reset();
                }
                (broken || stream.is_over()).then_some(*id)
            })
            .collect();
        over.into_iter().for_each(|id| self.close(id));
    }

    fn close(&mut self, id: u64) {
        self.streams.remove(&id);
        self.channels.close_owned(id);
    }

    /// Sleeps until a socket is ready, a unit is due, or orders come; gives what is ready.
    fn wait(&self, faults: &Faults) -> Vec<Key> {
        let wake = self.control.wake_socket();
        let mut watched = vec![(Key::Wake, PollFd::new(&wake, PollFlags::IN))];
        watched.extend(self.watch_entrance());
        self.streams.iter().for_each(|(id, stream)| watched.extend(watch_stream(*id, stream, faults)));
        self.watch_channels(&mut watched);
        let (keys, mut sockets): (Vec<Key>, Vec<PollFd<'_>>) = watched.into_iter().unzip();
        let timeout = self.timeout(faults);
        // Interrupted by a signal: nothing is ready then.
        let _ = poll(&mut sockets, timeout.as_ref());
        let ready = keys.into_iter().zip(&sockets).filter(|(_, socket)| !socket.revents().is_empty());
        ready.map(|(key, _)| key).collect()
    }

    fn watch_entrance(&self) -> Option<(Key, PollFd<'_>)> {
        let socket = match &self.entrance {
            Entrance::Tcp { listener, .. } => PollFd::new(listener.as_ref()?, PollFlags::IN),
            Entrance::Udp { socket } => PollFd::new(&**socket, PollFlags::IN),
        };
        Some((Key::Entrance, socket))
    }

    fn watch_channels<'a>(&'a self, watched: &mut Vec<(Key, PollFd<'a>)>) {
        let shared = matches!(self.entrance, Entrance::Udp { .. });
        for (id, channel) in &self.channels.open {
            watched.push((Key::Far(*id), PollFd::new(&channel.far, PollFlags::IN)));
            if !shared {
                watched.push((Key::Near(*id), PollFd::new(&*channel.near, PollFlags::IN)));
            }
        }
    }

    fn timeout(&self, faults: &Faults) -> Option<Timespec> {
        let streams = self.streams.values().filter_map(|stream| stream.next_due(faults));
        let channels = self.channels.open.values().filter_map(|channel| channel.next_due(faults));
        let left = streams.chain(channels).min()?.saturating_duration_since(Instant::now());
        Timespec::try_from(left).ok()
    }

    fn serve(&mut self, key: Key, faults: &Faults) {
        let now = Instant::now();
        match key {
            Key::Wake => self.control.hear(),
            Key::Entrance => self.admit(faults, now),
            Key::Near(id) => {
                if let Some(channel) = self.channels.open.get_mut(&id) {
                    channel.read_near(faults, &mut self.counters, now);
                }
            }
            Key::Far(id) => {
                if let Some(channel) = self.channels.open.get_mut(&id) {
                    channel.read_far(faults, &mut self.counters, now);
                }
            }
            Key::Client(id) | Key::Server(id) => self.read_stream(id, matches!(key, Key::Client(_)), faults, now),
        }
    }

    fn read_stream(&mut self, id: u64, from_client: bool, faults: &Faults, now: Instant) {
        let Some(stream) = self.streams.get_mut(&id) else { return };
        let (counters, channels) = (&mut self.counters, &mut self.channels);
        let [client, server] = stream.interests(faults);
        let read = match from_client {
            true if client.contains(PollFlags::IN) => stream.read_client(faults, counters, channels, now),
            false if server.contains(PollFlags::IN) => stream.read_server(faults, counters, channels, now),
            // Ready to be written to, which the next round does.
            _ => Ok(()),
        };
        if read.is_err() {
            // What one side does, the other is told.
            stream.reset();
            self.close(id);
        }
    }

    fn admit(&mut self, faults: &Faults, now: Instant) {
        match &self.entrance {
            Entrance::Udp { socket } => {
                let socket = Arc::clone(socket);
                self.channels.read_shared(&socket, self.target, faults, &mut self.counters, now);
            }
            Entrance::Tcp { listener: Some(listener), rtsp } => {
                let rtsp = *rtsp;
                if let Ok((client, _)) = listener.accept() {
                    self.welcome(client, faults.admission, rtsp);
                }
            }
            Entrance::Tcp { listener: None, .. } => {}
        }
    }

    fn welcome(&mut self, client: TcpStream, admission: Admission, rtsp: bool) {
        if admission == Admission::Hang {
            self.counters.hung += 1;
            self.hanging.truncate(MOST_STREAMS - 1);
            self.hanging.insert(0, client);
            return;
        }
        self.next += 1;
        let id = self.next;
        if self.streams.len() < MOST_STREAMS
            && let Ok(server) = TcpStream::connect_timeout(&self.target, CONNECT)
            && let Ok(own) = client.try_clone()
            && let Ok(stream) = Stream::new(id, own, server, self.seed, rtsp)
        {
            self.counters.connections += 1;
            self.streams.insert(id, stream);
        } else {
            self.counters.failed += 1;
            reset(&client);
        }
    }
}

/// Without an interest a socket is left out: its errors would be reported without end.
fn watch_stream<'a>(id: u64, stream: &'a Stream, faults: &Faults) -> impl Iterator<Item = (Key, PollFd<'a>)> {
    let [client, server] = stream.interests(faults);
    let watched = [(Key::Client(id), &stream.client, client), (Key::Server(id), &stream.server, server)].into_iter();
    watched.filter(|(.., interest)| !interest.is_empty()).map(|(key, socket, flags)| (key, PollFd::new(socket, flags)))
}

/// Listens without blocking.
pub(super) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

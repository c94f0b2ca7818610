use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, TcpStream};

use super::channel::{Channels, Pair};
use super::transport::{Ports, is_setup, ports, range, rewrite, sequence};

/// Requests without an answer that are remembered.
const MOST_PENDING: usize = 64;

/// What an RTSP connection has agreed upon: takes its UDP streams through the proxy.
pub(super) struct Session {
    id: u64,
    client: IpAddr,
    server: IpAddr,
    /// Own addresses towards the two.
    near: IpAddr,
    far: IpAddr,
    pending: HashMap<u64, Pending>,
}

/// A `SETUP` that has not been answered.
struct Pending {
    client: Ports,
    pair: Pair,
}

impl Session {
    pub(super) fn new(id: u64, client: &TcpStream, server: &TcpStream) -> std::io::Result<Self> {
        Ok(Self {
            id,
            client: client.peer_addr()?.ip(),
            server: server.peer_addr()?.ip(),
            near: client.local_addr()?.ip(),
            far: server.local_addr()?.ip(),
            pending: HashMap::new(),
        })
    }

    /// A request as the server is to see it.
    pub(super) fn request(&mut self, message: Vec<u8>, channels: &mut Channels) -> Vec<u8> {
        let rewritten = std::str::from_utf8(&message).ok().and_then(|text| self.rewrite_setup(text, channels));
        rewritten.map_or(message, String::into_bytes)
    }

    fn rewrite_setup(&mut self, text: &str, channels: &mut Channels) -> Option<String> {
        if !is_setup(text) || self.pending.len() >= MOST_PENDING {
            return None;
        }
        let client = ports(text, "client_port")?;
        let clients = client.map(|port| SocketAddr::new(self.client, port));
        // Without sockets the stream passes the proxy by, which the counters of the test show.
        let pair = channels.open_pair(self.id, (self.near, self.far), clients).ok()?;
        let rewritten = rewrite(text, &[("client_port", range(pair.far))]);
        self.pending.insert(sequence(text)?, Pending { client, pair });
        Some(rewritten)
    }

    /// A response as the client is to see it.
    pub(super) fn response(&mut self, message: Vec<u8>, channels: &mut Channels) -> Vec<u8> {
        let rewritten = std::str::from_utf8(&message).ok().and_then(|text| self.rewrite_answer(text, channels));
        rewritten.map_or(message, String::into_bytes)
    }

    fn rewrite_answer(&mut self, text: &str, channels: &mut Channels) -> Option<String> {
        let Pending { client, pair } = self.pending.remove(&sequence(text)?)?;
        let Some(server) = ports(text, "server_port") else {
            // Refused, or another transport was taken.
            pair.ids.iter().for_each(|id| drop(channels.open.remove(id)));
            return None;
        };
        for (id, port) in pair.ids.into_iter().zip(server) {
            channels.set_server(id, SocketAddr::new(self.server, port));
        }
        let values = [
            ("client_port", range(client)),
            ("server_port", range(pair.near)),
            ("source", self.near.to_string()),
            ("destination", self.client.to_string()),
        ];
        Some(rewrite(text, &values))
    }
}

use std::time::Duration;

/// What a [`Proxy`](crate::Proxy) does to what passes. The default is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Faults {
    /// What happens to new connections.
    pub admission: Admission,
    /// On the way from clients to the target.
    pub to_server: Impairment,
    /// On the way from the target to clients.
    pub to_client: Impairment,
}

/// What happens to new TCP connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Admission {
    /// They are passed on.
    #[default]
    Relay,
    /// The port is closed.
    Refuse,
    /// They are accepted and never answered, not even after a change of this setting.
    Hang,
}

/// What happens in one direction.
///
/// A *unit* is a datagram, an interleaved frame of RTSP over TCP, or, where TCP is passed on without a look inside, what one
/// read gave: a lost unit of that kind is a hole in the stream, which no real network makes but broken middle boxes do.
/// Messages of RTSP are never lost, doubled or reordered; they share delay, rate and stall.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Impairment {
    /// Share of units that are lost, 0 to 1.
    pub drop: f64,
    /// Share of units that arrive twice, 0 to 1.
    pub duplicate: f64,
    /// Share of datagrams that arrive 30 ms late, behind those that follow, 0 to 1. Not for TCP.
    pub reorder: f64,
    /// How long every unit takes.
    pub delay: Duration,
    /// How much longer it takes at most, evenly distributed; the order is kept.
    pub jitter: Duration,
    /// Bytes per second, 0 for no limit.
    pub bytes_per_second: u64,
    /// Whether everything is held, to be delivered when this is switched off again. TCP senders are slowed down by that in the
    /// end; of datagrams, 1024 are held per socket and more are lost.
    pub stalled: bool,
}

/// What has happened in one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Bytes that came in.
    pub bytes: u64,
    /// Units that came in; RTSP messages are not counted.
    pub units: u64,
    /// Units that were lost on purpose.
    pub dropped: u64,
    /// Units that were doubled.
    pub duplicated: u64,
    /// Datagrams that were overtaken.
    pub reordered: u64,
    /// Datagrams that were lost because too many were held.
    pub overflowed: u64,
}

/// What has happened since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Connections that were passed on.
    pub connections: u64,
    /// Connections that were accepted and left hanging.
    pub hung: u64,
    /// Connections that were ended because the target could not be reached or too many were open.
    pub failed: u64,
    /// Connections that are open now.
    pub open: u64,
    /// Ways for datagrams that are open now: one per client, or two per stream of RTSP over UDP.
    pub channels: u64,
    /// From clients to the target.
    pub to_server: Flow,
    /// From the target to clients.
    pub to_client: Flow,
}

/// Where to publish, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZenohConfig {
    /// Routers and peers to connect to, such as `tcp/192.168.0.5:7447`. They need not be there yet: Zenoh tries again
    /// every 1 to 4 s for as long as the sink lives. Empty: peers of the local network are looked for by multicast.
    pub connect: Vec<String>,
    /// Where others may connect, such as `tcp/127.0.0.1:7447`. Empty: a port that Zenoh picks, on loopback.
    pub listen: Vec<String>,
    /// What every key expression and topic begins with: parts with `/` between them.
    pub prefix: String,
    /// What is published.
    pub format: ZenohFormat,
}

impl Default for ZenohConfig {
    fn default() -> Self {
        Self { connect: Vec::new(), listen: Vec::new(), prefix: "maskd".into(), format: ZenohFormat::Both }
    }
}

/// What is published over Zenoh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZenohFormat {
    /// ROS 2 messages.
    Cdr,
    /// JSON.
    Json,
    /// Both.
    Both,
}

impl ZenohFormat {
    pub(super) fn has_cdr(self) -> bool {
        self != Self::Json
    }

    pub(super) fn has_json(self) -> bool {
        self != Self::Cdr
    }
}

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// Where the RTSP server listens and what it serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RtspConfig {
    /// The address to listen on; this machine only (127.0.0.1) by default.
    pub address: IpAddr,
    /// The TCP port, 8554 by default; 0 takes any free one.
    pub port: u16,
    /// Whether there is a mount `/NAME/masks` beside each `/NAME`: the masks in DAVIS colours on black. Off by default.
    pub masks: bool,
    /// x264's constant quality, 0 (lossless) to 50 (worst); 23 by default.
    pub quality: u32,
    /// What a stream may take at most, in kilobits per second; 8000 by default.
    pub max_bitrate_kbit_s: u32,
    /// The longest time between two key frames, and so the longest that a player waits for its first picture; 2 s by
    /// default.
    pub key_frame_interval: Duration,
    /// Players at the same time, over all streams; one more is refused. 16 by default.
    pub max_players: u32,
    /// What players must know; `None`, the default, lets everyone in who reaches the port.
    pub login: Option<RtspLogin>,
}

impl Default for RtspConfig {
    fn default() -> Self {
        Self {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 8554,
            masks: false,
            quality: 23,
            max_bitrate_kbit_s: 8000,
            key_frame_interval: Duration::from_secs(2),
            max_players: 16,
            login: None,
        }
    }
}

/// A user and a password; players prove by Digest that they know them, so that the password itself never travels.
#[derive(Clone, PartialEq, Eq)]
pub struct RtspLogin {
    /// The user.
    pub user: String,
    /// The password; never printed.
    pub password: String,
}

impl fmt::Debug for RtspLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RtspLogin").field("user", &self.user).finish_non_exhaustive()
    }
}

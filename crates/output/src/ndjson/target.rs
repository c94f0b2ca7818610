use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::OutputError;

/// Where lines may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NdjsonTarget {
    /// Standard output: `-`.
    Standard,
    /// A file: any path.
    File(PathBuf),
    /// To everyone who connects: `unix:/run/maskd.sock`, `tcp://127.0.0.1:7000`.
    Listen(SocketAddress),
    /// To whoever listens there: `unix-connect:/run/robot.sock`, `tcp-connect://robot:7000`.
    Connect(SocketAddress),
}

/// The address of a socket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SocketAddress {
    /// Path of a Unix socket.
    Unix(PathBuf),
    /// `host:port`; an IPv6 address in brackets.
    Tcp(String),
}

impl FromStr for NdjsonTarget {
    type Err = OutputError;

    fn from_str(text: &str) -> Result<Self, OutputError> {
        let unix = |path: &str| SocketAddress::unix(text, path);
        let tcp = |address: &str| SocketAddress::tcp(text, address);
        if text == "-" {
            Ok(Self::Standard)
        } else if let Some(path) = text.strip_prefix("unix:") {
            unix(path).map(Self::Listen)
        } else if let Some(path) = text.strip_prefix("unix-connect:") {
            unix(path).map(Self::Connect)
        } else if let Some(address) = text.strip_prefix("tcp://") {
            tcp(address).map(Self::Listen)
        } else if let Some(address) = text.strip_prefix("tcp-connect://") {
            tcp(address).map(Self::Connect)
        } else if text.is_empty() || text.contains("://") {
            Err(OutputError::Address { found: text.into(), accepted: ACCEPTED })
        } else {
            Ok(Self::File(text.into()))
        }
    }
}

const ACCEPTED: &str = "-, a path, unix:PATH, tcp://HOST:PORT, unix-connect:PATH or tcp-connect://HOST:PORT";

impl SocketAddress {
    fn unix(text: &str, path: &str) -> Result<Self, OutputError> {
        if path.is_empty() {
            return Err(OutputError::Address { found: text.into(), accepted: ACCEPTED });
        }
        Ok(Self::Unix(path.into()))
    }

    fn tcp(text: &str, address: &str) -> Result<Self, OutputError> {
        let parts = address.rsplit_once(':');
        match parts {
            Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => Ok(Self::Tcp(address.into())),
            _ => Err(OutputError::Address { found: text.into(), accepted: ACCEPTED }),
        }
    }
}

impl fmt::Display for SocketAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Tcp(address) => write!(f, "tcp://{address}"),
        }
    }
}

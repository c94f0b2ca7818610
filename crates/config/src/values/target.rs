use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use url::Url;

use super::ValueError;
use super::address::{HostPort, plain};

/// Where JSON lines go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NdjsonTarget {
    /// Standard output: `-`.
    Stdout,
    /// A file: a path.
    File(PathBuf),
    /// To everyone who connects: `unix:PATH`, `tcp://HOST:PORT`.
    Listen(SocketTarget),
    /// To whoever listens there: `unix-connect:PATH`, `tcp-connect://HOST:PORT`.
    Connect(SocketTarget),
}

/// The address of a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SocketTarget {
    /// Path of a Unix socket.
    Unix(PathBuf),
    /// A TCP port.
    Tcp(HostPort),
}

impl FromStr for NdjsonTarget {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        if text == "-" {
            return Ok(Self::Stdout);
        }
        match text.split_once(':') {
            Some(("unix", path)) => path_of(path).map(|path| Self::Listen(SocketTarget::Unix(path))),
            Some(("unix-connect", path)) => path_of(path).map(|path| Self::Connect(SocketTarget::Unix(path))),
            Some(("tcp", _)) => tcp(text).map(Self::Listen),
            Some(("tcp-connect", _)) => tcp(text).map(Self::Connect),
            _ if text.contains("://") => Err(ValueError::new("no such kind of target")),
            _ => path_of(text).map(Self::File),
        }
    }
}

fn tcp(text: &str) -> Result<SocketTarget, ValueError> {
    plain(text, None).map(|(_, at)| SocketTarget::Tcp(at))
}

impl fmt::Display for NdjsonTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdout => f.write_str("-"),
            Self::File(path) => path.display().fmt(f),
            Self::Listen(SocketTarget::Unix(path)) => write!(f, "unix:{}", path.display()),
            Self::Listen(SocketTarget::Tcp(at)) => write!(f, "tcp://{at}"),
            Self::Connect(SocketTarget::Unix(path)) => write!(f, "unix-connect:{}", path.display()),
            Self::Connect(SocketTarget::Tcp(at)) => write!(f, "tcp-connect://{at}"),
        }
    }
}

/// Where Rerun's data goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RerunTarget {
    /// An `.rrd` file.
    File(PathBuf),
    /// A viewer or proxy that listens on the network.
    Viewer(String),
}

impl FromStr for RerunTarget {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        if text.contains("://") {
            return viewer(text);
        }
        match Path::new(text).extension() {
            Some(end) if end == "rrd" => path_of(text).map(Self::File),
            _ => Err(ValueError::new("the file's name does not end in .rrd")),
        }
    }
}

fn viewer(text: &str) -> Result<RerunTarget, ValueError> {
    let url = Url::parse(text).map_err(|error| ValueError::new(error.to_string()))?;
    if !matches!(url.scheme(), "rerun+http" | "rerun+https") || url.host_str().is_none_or(str::is_empty) {
        return Err(ValueError::new("neither rerun+http://HOST nor rerun+https://HOST"));
    }
    Ok(RerunTarget::Viewer(text.into()))
}

impl fmt::Display for RerunTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Viewer(url) => f.write_str(url),
        }
    }
}

fn path_of(text: &str) -> Result<PathBuf, ValueError> {
    if text.trim().is_empty() || text.contains('\0') { Err(ValueError::new("no path")) } else { Ok(text.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_of_lines_print_as_they_are_written() {
        for text in [
            "-",
            "out/lines.ndjson",
            "unix:/run/robot.sock",
            "tcp://127.0.0.1:9000",
            "unix-connect:/run/robot.sock",
            "tcp-connect://[::1]:9000",
            "./a:b",
        ] {
            assert_eq!(text.parse::<NdjsonTarget>().unwrap().to_string(), text);
        }
        for text in ["", "unix:", "tcp://host", "tcp:x", "http://host:80", "tcp://host:80/x", "tcp-connect://u@host:80"]
        {
            assert!(text.parse::<NdjsonTarget>().is_err(), "{text}");
        }
    }

    #[test]
    fn targets_of_rerun_are_files_or_viewers() {
        for text in ["out.rrd", "rerun+http://127.0.0.1:9876/proxy"] {
            assert_eq!(text.parse::<RerunTarget>().unwrap().to_string(), text);
        }
        for text in ["", "out.mp4", "http://127.0.0.1:9876", "rerun+http://", "/x/.rrd/"] {
            assert!(text.parse::<RerunTarget>().is_err(), "{text}");
        }
    }
}

use std::fs::{self, Permissions};
use std::io;
use std::net::TcpListener;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use rustix::net::{Shutdown, shutdown};

use crate::ndjson::SocketAddress;
use crate::ndjson::socket::Socket;

/// Who may connect to a Unix socket: its owner and group. A camera feed is private.
const MODE: u32 = 0o660;

/// A socket that is listened on.
pub(super) enum Listener {
    Unix(UnixListener, PathBuf),
    Tcp(TcpListener),
}

impl Listener {
    pub(super) fn bind(address: &SocketAddress) -> io::Result<Self> {
        match address {
            SocketAddress::Unix(path) => {
                remove_stale(path)?;
                let listener = UnixListener::bind(path)?;
                fs::set_permissions(path, Permissions::from_mode(MODE))?;
                Ok(Self::Unix(listener, path.clone()))
            }
            SocketAddress::Tcp(address) => TcpListener::bind(address).map(Self::Tcp),
        }
    }

    /// Where it listens; a port of 0 has become a real one.
    pub(super) fn address(&self) -> io::Result<SocketAddress> {
        match self {
            Self::Unix(_, path) => Ok(SocketAddress::Unix(path.clone())),
            Self::Tcp(listener) => Ok(SocketAddress::Tcp(listener.local_addr()?.to_string())),
        }
    }

    pub(super) fn accept(&self) -> io::Result<Socket> {
        match self {
            Self::Unix(listener, _) => Ok(Socket::Unix(listener.accept()?.0)),
            Self::Tcp(listener) => {
                let stream = listener.accept()?.0;
                stream.set_nodelay(true)?;
                Ok(Socket::Tcp(stream))
            }
        }
    }

    /// Makes [`accept`](Self::accept) fail, now and from now on.
    pub(super) fn shut_down(&self) {
        // Fails only where it has been done before.
        let _ = match self {
            Self::Unix(listener, path) => {
                // Whoever comes late finds no socket rather than a dead one.
                let _ = fs::remove_file(path);
                shutdown(listener, Shutdown::Both)
            }
            Self::Tcp(listener) => shutdown(listener, Shutdown::Both),
        };
    }
}

/// Removes what a killed process left; whatever is alive, or no socket, stays and is an error.
fn remove_stale(path: &Path) -> io::Result<()> {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.file_type().is_socket());
    if is_socket && UnixStream::connect(path).is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused) {
        fs::remove_file(path)?;
    }
    Ok(())
}

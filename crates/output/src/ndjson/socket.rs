use std::io::{self, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::{RecvFlags, recv};

use super::SocketAddress;

/// Connecting takes no longer.
const CONNECT: Duration = Duration::from_secs(5);

/// A connected socket of either kind, in blocking mode.
pub(super) enum Socket {
    Unix(UnixStream),
    Tcp(TcpStream),
}

impl Socket {
    pub(super) fn connect(address: &SocketAddress) -> io::Result<Self> {
        match address {
            SocketAddress::Unix(path) => UnixStream::connect(path).map(Self::Unix),
            SocketAddress::Tcp(address) => connect_tcp(address).map(Self::Tcp),
        }
    }

    /// Writes everything, or fails with [`io::ErrorKind::TimedOut`] when that takes longer than `within`: a reader that
    /// takes a byte now and then is no better than one that takes none.
    pub(super) fn write_within(&mut self, mut bytes: &[u8], within: Duration) -> io::Result<()> {
        let deadline = Instant::now() + within;
        while !bytes.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.set_write_timeout(left)?;
            match self.write_some(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Err(io::ErrorKind::TimedOut.into()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Whether the other side has closed its end. Does not wait; what it may have sent is thrown away.
    pub(super) fn has_left(&self) -> bool {
        let mut sent = [0; 256];
        let flags = RecvFlags::DONTWAIT;
        let received = match self {
            Self::Unix(stream) => recv(stream, &mut sent, flags),
            Self::Tcp(stream) => recv(stream, &mut sent, flags),
        };
        match received {
            Ok((_, bytes)) => bytes == 0,
            Err(error) => error != Errno::AGAIN && error != Errno::INTR,
        }
    }

    pub(super) fn try_clone(&self) -> io::Result<Self> {
        match self {
            Self::Unix(stream) => stream.try_clone().map(Self::Unix),
            Self::Tcp(stream) => stream.try_clone().map(Self::Tcp),
        }
    }

    pub(super) fn shut_down(&self) {
        // Fails only where the other side was faster.
        let _ = match self {
            Self::Unix(stream) => stream.shutdown(Shutdown::Both),
            Self::Tcp(stream) => stream.shutdown(Shutdown::Both),
        };
    }

    fn set_write_timeout(&self, timeout: Duration) -> io::Result<()> {
        match self {
            Self::Unix(stream) => stream.set_write_timeout(Some(timeout)),
            Self::Tcp(stream) => stream.set_write_timeout(Some(timeout)),
        }
    }

    fn write_some(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.write(bytes),
            Self::Tcp(stream) => stream.write(bytes),
        }
    }
}

fn connect_tcp(address: &str) -> io::Result<TcpStream> {
    let mut error = io::Error::from(io::ErrorKind::NotFound);
    for address in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, CONNECT) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(reason) => error = reason,
        }
    }
    Err(error)
}

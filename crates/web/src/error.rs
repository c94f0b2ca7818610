use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why the HTTP server cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebError {
    /// The port cannot be had.
    #[error("the HTTP server cannot listen on {address}")]
    Listen {
        /// Where it was to listen.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// A thread could not be started.
    #[error("the thread for the HTTP server cannot be started")]
    Thread(#[source] io::Error),
    /// A file for TLS cannot be read.
    #[error("{} cannot be read", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: rustls::pki_types::pem::Error,
    },
    /// Certificate and key do not belong together, or one of them is none.
    #[error("{} and {} cannot be used for TLS", certificate.display(), key.display())]
    Tls {
        /// File of the certificate chain.
        certificate: PathBuf,
        /// File of the key.
        key: PathBuf,
        /// What is wrong.
        source: rustls::Error,
    },
}

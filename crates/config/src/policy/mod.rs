//! Which sources a stream may have that comes over the API: what one may write into the file of a machine is not what one may ask
//! of it from elsewhere.
//!
//! Streams of the configuration file are not asked: whoever writes it has the machine anyway. What comes over the API must not
//! become a way to read files, or to make the daemon talk to what only it can reach: [`SourcePolicy::check`] lets a source through
//! whose scheme `http.source_schemes` names, whose file lies under one of `http.source_roots`, and whose host is a camera's. Private
//! addresses and this machine itself are, since cameras live there; addresses that belong to nobody, to everybody or to the metadata
//! service of a cloud are not, in whatever form they are written.
//!
//! What it cannot see: names may be resolved to another address by the time the camera is opened, a camera may send its client
//! elsewhere, and a folder of pictures may have links in it. Who runs the name server, the camera or the folder decides about that.

mod address;
mod camera;
mod error;
mod file;
mod host;

use std::fmt;
use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::Arc;

pub use address::AddressKind;
pub use error::PolicyError;

use crate::http::HttpConfig;
use crate::values::{RtspUrl, Source, SourceScheme};

/// Finds the addresses of a name.
type Resolver = dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync;

/// What `[http]` says of sources that come over the API. Clones share the resolver.
#[derive(Clone)]
pub struct SourcePolicy {
    schemes: Vec<SourceScheme>,
    roots: Vec<PathBuf>,
    resolver: Arc<Resolver>,
}

impl SourcePolicy {
    /// The policy of this server; names are resolved as the system does it.
    pub fn new(config: &HttpConfig) -> Self {
        Self {
            schemes: config.source_schemes.clone(),
            roots: config.source_roots.clone(),
            resolver: Arc::new(of_system),
        }
    }

    /// The same with another way to find the addresses of a name. It is never asked for an address.
    pub fn with_resolver(self, resolver: impl Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync + 'static) -> Self {
        Self { resolver: Arc::new(resolver), ..self }
    }

    /// Whether a stream with this source may be added. Looks at the file system and asks for names, which may take as long as the
    /// system's resolver lets it: not to be called where nothing may wait.
    ///
    /// # Errors
    /// [`PolicyError`]: what is refused, and which key would allow it. Holds no user, password or query of an address.
    pub fn check(&self, source: &Source) -> Result<(), PolicyError> {
        let scheme = source.scheme();
        if !self.schemes.contains(&scheme) {
            return Err(PolicyError::Scheme { scheme });
        }
        match source {
            Source::Rtsp(url) => self.check_host(url),
            Source::V4l2(path) => camera::check(path),
            Source::Path(path) => file::check(path, &self.roots),
            // Nothing but numbers: it reads no file and asks no other machine.
            Source::Scene(_) => Ok(()),
        }
    }

    fn check_host(&self, url: &RtspUrl) -> Result<(), PolicyError> {
        if host::is_ambiguous(url) {
            return Err(PolicyError::Ambiguous);
        }
        let host = url.host();
        let addresses = match host::spelled(host)? {
            host::Spelled::Address(address) => vec![address],
            host::Spelled::Name => self.addresses(host)?,
        };
        let refused = addresses.into_iter().find_map(|address| Some((address, AddressKind::of(address)?)));
        match refused {
            Some((address, kind)) => Err(PolicyError::Address { host: host.to_owned(), address, kind }),
            None => Ok(()),
        }
    }

    fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, PolicyError> {
        let unresolved = |source| PolicyError::Unresolved { host: host.to_owned(), source };
        let addresses = (self.resolver)(host).map_err(unresolved)?;
        if addresses.is_empty() {
            return Err(unresolved(io::Error::new(io::ErrorKind::NotFound, "the name has no address")));
        }
        Ok(addresses)
    }
}

fn of_system(host: &str) -> io::Result<Vec<IpAddr>> {
    // The port says nothing about the addresses.
    Ok((host, 0).to_socket_addrs()?.map(|address| address.ip()).collect())
}

impl fmt::Debug for SourcePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { schemes, roots, resolver: _ } = self;
        f.debug_struct("SourcePolicy").field("schemes", schemes).field("roots", roots).finish_non_exhaustive()
    }
}

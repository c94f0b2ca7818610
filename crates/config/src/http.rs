use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::units::seconds;
use crate::values::{SourceScheme, WebOrigin};

/// `[http]`
///
/// Where [`HttpConfig::is_exposed`], there is a token, and TLS unless `allow_plain_http` says otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// Whether there is a server.
    pub enabled: bool,
    /// Address and port.
    pub listen: SocketAddr,
    /// Environment variable that holds the token; never beside `token_file`.
    #[serde(default)]
    pub token_env: Option<String>,
    /// File that holds the token; never beside `token_env`.
    #[serde(default)]
    pub token_file: Option<PathBuf>,
    /// PEM file of the certificate; comes with `tls_key`.
    #[serde(default)]
    pub tls_certificate: Option<PathBuf>,
    /// PEM file of the private key; comes with `tls_certificate`.
    #[serde(default)]
    pub tls_key: Option<PathBuf>,
    /// Whether other machines may come in without TLS.
    pub allow_plain_http: bool,
    /// Further web pages that may use the API from a browser.
    pub origins: Vec<WebOrigin>,
    /// Kinds of sources that streams added over the API may have.
    pub source_schemes: Vec<SourceScheme>,
    /// Folders under which files added over the API must lie.
    pub source_roots: Vec<PathBuf>,
    /// Streams that there may be in all for one more to come over the API, that one included.
    pub max_streams: usize,
    /// Live pictures at the same time, over all clients.
    pub max_viewers: usize,
    /// Prompts that are taken in a second, over all clients.
    pub prompts_per_second: f64,
    /// Largest body of a request, in bytes.
    pub max_body_bytes: u64,
    /// Connections at the same time.
    pub max_connections: usize,
    /// How long a client may take to send the head of a request.
    #[serde(rename = "header_timeout_s", with = "seconds")]
    pub header_timeout: Duration,
}

impl HttpConfig {
    /// Whether other machines can reach the address.
    pub fn is_exposed(&self) -> bool {
        !self.listen.ip().to_canonical().is_loopback()
    }

    /// Whether clients have to show a token; [`Secrets::http_token`] has it.
    ///
    /// [`Secrets::http_token`]: crate::Secrets::http_token
    pub fn has_token(&self) -> bool {
        self.token_env.is_some() || self.token_file.is_some()
    }

    /// The PEM files of certificate and key, where the server speaks https.
    pub fn tls(&self) -> Option<(&Path, &Path)> {
        Some((self.tls_certificate.as_deref()?, self.tls_key.as_deref()?))
    }
}

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use maskd_config::HttpConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, crypto};
use tokio_rustls::TlsAcceptor;

use crate::WebError;

/// How often the files are looked at, at most.
const GLANCE: Duration = Duration::from_secs(2);

/// Certificate and key; read again when their files change, as they do every few months where they are renewed by themselves.
pub(super) struct Identity {
    certificate: PathBuf,
    key: PathBuf,
    current: Mutex<Current>,
}

struct Current {
    acceptor: TlsAcceptor,
    looked: Instant,
    changed: [Option<SystemTime>; 2],
}

impl Identity {
    /// `None` where the configuration names none.
    pub(super) fn of(config: &HttpConfig) -> Result<Option<Self>, WebError> {
        let Some((certificate, key)) = config.tls() else { return Ok(None) };
        let changed = [changed(certificate), changed(key)];
        let acceptor = load(certificate, key)?;
        let current = Mutex::new(Current { acceptor, looked: Instant::now(), changed });
        Ok(Some(Self { certificate: certificate.to_owned(), key: key.to_owned(), current }))
    }

    /// What new connections are greeted with.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.looked.elapsed() >= GLANCE {
            current.looked = Instant::now();
            let changed = [changed(&self.certificate), changed(&self.key)];
            if changed != current.changed {
                current.changed = changed;
                match load(&self.certificate, &self.key) {
                    Ok(acceptor) => {
                        tracing::info!(certificate = %self.certificate.display(), "a new certificate is in use");
                        current.acceptor = acceptor;
                    }
                    // One of the two files may be new already and the other not yet.
                    Err(error) => tracing::warn!(%error, "the certificate before stays in use"),
                }
            }
        }
        current.acceptor.clone()
    }
}

fn load(certificate: &Path, key: &Path) -> Result<TlsAcceptor, WebError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| WebError::File { path, source }
    };
    let chain = CertificateDer::pem_file_iter(certificate).map_err(unreadable(certificate))?;
    let chain: Vec<CertificateDer<'static>> = chain.collect::<Result<_, _>>().map_err(unreadable(certificate))?;
    let secret = PrivateKeyDer::from_pem_file(key).map_err(unreadable(key))?;
    let unusable = |source| WebError::Tls { certificate: certificate.to_owned(), key: key.to_owned(), source };
    let builder = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(unusable)?;
    let mut config = builder.with_no_client_auth().with_single_cert(chain, secret).map_err(unusable)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn changed(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

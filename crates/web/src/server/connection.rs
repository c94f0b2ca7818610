//! One connection, from its beginning to its end. Nobody may hold one for nothing: heads have a time limit, whether they come slowly or
//! not at all, and there are so many places.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time;

use super::tls::Identity;

/// Pause after the system gave no connection; without one, a lack of descriptors would keep a core busy.
const PAUSE: Duration = Duration::from_millis(100);

pub(super) struct Front {
    pub(super) router: Router,
    pub(super) identity: Option<Identity>,
    /// How long a request's head may take, and how long a connection may be idle.
    pub(super) header_timeout: Duration,
    /// Most connections at a time; of more, the newest are closed at once.
    pub(super) places: usize,
}

impl Front {
    /// Takes connections for ever.
    pub(super) async fn welcome(self, listener: TcpListener) {
        let places = Arc::new(Semaphore::new(self.places));
        let front = Arc::new(self);
        loop {
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection is not taken");
                    time::sleep(PAUSE).await;
                    continue;
                }
            };
            let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                tracing::debug!("too many connections; one is closed");
                continue;
            };
            let front = Arc::clone(&front);
            tokio::spawn(async move {
                let _place = place;
                if let Err(error) = front.attend(stream).await {
                    tracing::debug!(%error, "a connection ended early");
                }
            });
        }
    }

    async fn attend(&self, stream: TcpStream) -> io::Result<()> {
        // Frames are to leave at once.
        stream.set_nodelay(true)?;
        match &self.identity {
            None => self.talk(stream).await,
            Some(identity) => {
                let greeting = time::timeout(self.header_timeout, identity.acceptor().accept(stream));
                self.talk(greeting.await??).await
            }
        }
    }

    async fn talk(&self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> io::Result<()> {
        let service = TowerToHyperService::new(self.router.clone());
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(self.header_timeout).max_headers(64).max_buf_size(32 * 1024);
        let connection = http.serve_connection(TokioIo::new(stream), service);
        connection.with_upgrades().await.map_err(io::Error::other)
    }
}

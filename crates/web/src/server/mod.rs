//! The daemon's one port, on a thread of its own.

mod connection;
mod tls;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use maskd_config::{HttpConfig, Secret};
use maskd_daemon::Handle;
use tokio::runtime;
use tokio::sync::oneshot;

use crate::WebError;
use crate::app::App;
use crate::routes::router;
use connection::Front;
use tls::Identity;

/// For what waits for others, such as name servers and cameras that are being closed, beside the pictures that are made.
const BLOCKING_THREADS: usize = 16;

/// A server that answers until this value is dropped.
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Takes the port, so that a taken one is an error here and now, and answers from then on. Where there is a `token`, whoever comes in
    /// has to know it.
    ///
    /// # Errors
    /// [`WebError`]
    pub fn start(config: &HttpConfig, token: Option<&Secret>, daemon: Handle) -> Result<Self, WebError> {
        let identity = Identity::of(config)?;
        let listener = listen(config)?;
        let failed = |source| WebError::Listen { address: config.listen, source };
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let router = router(Arc::new(App::new(daemon, config.clone(), token)));
        let front = Front { router, identity, header_timeout: config.header_timeout, places: config.max_connections };
        let (stop, stopped) = oneshot::channel();
        let serve = move || {
            if let Err(error) = serve(listener, front, stopped) {
                tracing::error!(%error, "the HTTP server ended");
            }
        };
        let thread = thread::Builder::new().name("http".into()).spawn(serve).map_err(WebError::Thread)?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The thread may have ended by itself; then nobody listens.
        self.stop.take().map(|stop| stop.send(()));
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

/// Takes the port for a moment, and reads certificate and key.
///
/// # Errors
/// [`WebError`]
pub fn try_listen(config: &HttpConfig) -> Result<(), WebError> {
    Identity::of(config)?;
    listen(config).map(drop)
}

fn listen(config: &HttpConfig) -> Result<TcpListener, WebError> {
    TcpListener::bind(config.listen).map_err(|source| WebError::Listen { address: config.listen, source })
}

/// Answers until it is told to stop; connections that are open then are cut.
fn serve(listener: TcpListener, front: Front, stopped: oneshot::Receiver<()>) -> std::io::Result<()> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .max_blocking_threads(BLOCKING_THREADS)
        .build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        tokio::select! {
            () = front.welcome(listener) => {}
            _ = stopped => {}
        }
        Ok::<(), std::io::Error>(())
    })?;
    // Pictures that are being made are not waited for.
    runtime.shutdown_background();
    Ok(())
}

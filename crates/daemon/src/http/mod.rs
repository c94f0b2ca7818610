//! The daemon's one HTTP port. Whoever needs more of it adds routes in [`routes`].

mod routes;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use axum::Router;
use tokio::runtime;
use tokio::sync::oneshot;

use crate::DaemonError;
use crate::view::View;

/// A server on a thread of its own; it ends with this value.
pub(crate) struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Takes the port, so that a taken one is an error here and now, and answers from then on.
    pub(crate) fn start(address: SocketAddr, view: Arc<View>) -> Result<Self, DaemonError> {
        let listen = |source| DaemonError::Listen { address, source };
        let listener = TcpListener::bind(address).map_err(listen)?;
        listener.set_nonblocking(true).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let (stop, stopped) = oneshot::channel();
        let router = routes::router(view);
        let serve = move || {
            if let Err(error) = serve(listener, router, stopped) {
                tracing::error!(%error, "the HTTP server ended");
            }
        };
        let thread = thread::Builder::new().name("http".into()).spawn(serve);
        let thread = thread.map_err(|source| DaemonError::Thread { part: "the HTTP server".into(), source })?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
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

/// Answers until it is told to stop; connections that are open then are cut.
fn serve(listener: TcpListener, router: Router, stopped: oneshot::Receiver<()>) -> io::Result<()> {
    let runtime = runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        tokio::select! {
            served = axum::serve(listener, router).into_future() => served,
            _ = stopped => Ok(()),
        }
    })
}

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use gstreamer::glib::{ControlFlow, MainContext, Priority, timeout_source_new};
use gstreamer_rtsp_server::gio::Cancellable;
use gstreamer_rtsp_server::prelude::*;
use gstreamer_rtsp_server::{RTSPFilterResult, RTSPServer};

use super::mount::Mount;
use super::mounts::Mounts;
use super::{RtspConfig, auth, factory, players};
use crate::OutputError;

/// How often mounts are looked at whether they need a picture.
const TICK: Duration = Duration::from_millis(100);
/// Threads that speak with players.
const THREADS: i32 = 4;

/// The server and its thread; both end when it is dropped.
pub(super) struct Server {
    server: RTSPServer,
    context: MainContext,
    mounts: Mounts,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    address: SocketAddr,
    guarded: bool,
}

impl Server {
    /// Listens and serves; mounts come later.
    pub(super) fn start(config: &RtspConfig) -> Result<Self, OutputError> {
        let (server, mounts) = (configured(config), Mounts::default());
        let context = MainContext::new();
        let asked = SocketAddr::new(config.address, config.port);
        if server.attach(Some(&context)).is_err() {
            return Err(reason(&server, asked));
        }
        let port = u16::try_from(server.bound_port()).unwrap_or(config.port);
        players::receive(&server, &mounts);
        tick(&context, &server, &mounts);
        let stop = Arc::new(AtomicBool::new(false));
        let thread = spawn(context.clone(), Arc::clone(&stop))?;
        let address = SocketAddr::new(config.address, port);
        let guarded = config.login.is_some();
        Ok(Self { server, context, mounts, stop, thread: Some(thread), address, guarded })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves one mount more.
    pub(super) fn add(&self, mount: &Arc<Mount>) {
        let factory = factory::of(Arc::clone(mount));
        if self.guarded {
            auth::admit(&factory);
        }
        self.mounts.add(Arc::clone(mount));
        if let Some(points) = self.server.mount_points() {
            points.add_factory(mount.path(), factory);
        }
    }

    /// Serves a mount no longer.
    pub(super) fn remove(&self, mount: &Arc<Mount>) {
        self.mounts.remove(mount);
        if let Some(points) = self.server.mount_points() {
            points.remove_factory(mount.path());
        }
        mount.end();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Players have threads of their own, which end with them.
        self.server.client_filter(Some(&mut |_, _| RTSPFilterResult::Remove));
        self.stop.store(true, Ordering::Release);
        self.context.wakeup();
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has told so itself.
            let _ = thread.join();
        }
    }
}

fn configured(config: &RtspConfig) -> RTSPServer {
    let server = RTSPServer::new();
    server.set_address(&config.address.to_string());
    server.set_service(&config.port.to_string());
    if let Some(threads) = server.thread_pool() {
        threads.set_max_threads(THREADS);
    }
    if let Some(sessions) = server.session_pool() {
        sessions.set_max_sessions(config.max_players);
    }
    if let Some(login) = &config.login {
        auth::require(&server, login);
    }
    server
}

/// What keeps the server from listening: attaching does not say, making the socket once more does.
fn reason(server: &RTSPServer, address: SocketAddr) -> OutputError {
    let source = match server.create_socket(Cancellable::NONE) {
        Err(source) => source,
        Ok(_) => gstreamer::glib::Error::new(gstreamer::ResourceError::Failed, "the server could not be attached"),
    };
    OutputError::Listen { address, source }
}

/// Keeps pictures coming and drops players that have not been heard of.
fn tick(context: &MainContext, server: &RTSPServer, mounts: &Mounts) {
    let (sessions, mounts) = (server.session_pool(), mounts.clone());
    let source = timeout_source_new(TICK, None, Priority::DEFAULT, move || {
        if let Some(sessions) = &sessions {
            sessions.cleanup();
        }
        mounts.all().iter().for_each(|mount| mount.refresh());
        ControlFlow::Continue
    });
    source.attach(Some(context));
}

fn spawn(context: MainContext, stop: Arc<AtomicBool>) -> Result<JoinHandle<()>, OutputError> {
    let run = move || {
        while !stop.load(Ordering::Acquire) {
            context.iteration(true);
        }
    };
    let name = "rtsp-server".to_owned();
    thread::Builder::new().name(name.clone()).spawn(run).map_err(|source| OutputError::Thread { name, source })
}

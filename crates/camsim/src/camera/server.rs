//! The RTSP server library on a main loop of its own.

use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;
use std::time::Duration;

use gstreamer::Bin;
use gstreamer::prelude::*;
use gstreamer_app::AppSrc;
use gstreamer_rtsp_server::gst_rtsp::RTSPAuthMethod;
use gstreamer_rtsp_server::prelude::*;
use gstreamer_rtsp_server::{
    RTSPAuth, RTSPFilterResult, RTSPMedia, RTSPMediaFactory, RTSPServer, RTSPThreadPool, RTSPToken, gio, glib,
};

use super::film::FilmHandle;
use super::launch::{self, FILM, PAYLOADER};
use super::outlet::Outlet;
use super::rtp::{PacketFaults, watch_packets, watch_reports};
use super::sockets::Sockets;
use crate::{Authentication, CameraConfig, CamsimError, Credentials};

const ROLE: &str = "viewer";
/// Connections beyond this many are closed at once.
const MOST_CLIENTS: usize = 64;
/// How often sessions are looked over whose clients went without a word.
const CLEANUP: Duration = Duration::from_secs(2);

/// A server with its thread; both end when it is dropped.
pub(super) struct Server {
    server: RTSPServer,
    context: glib::MainContext,
    main_loop: glib::MainLoop,
    thread: Option<JoinHandle<()>>,
    sockets: Arc<Sockets>,
}

impl Server {
    pub(super) fn start() -> Result<Self, CamsimError> {
        let context = glib::MainContext::new();
        let main_loop = glib::MainLoop::new(Some(&context), false);
        let server = RTSPServer::new();
        let threads = RTSPThreadPool::new();
        // Clients are served by the main loop, not by threads of a pool that outlives the server.
        threads.set_max_threads(0);
        server.set_thread_pool(Some(&threads));
        let (send, running) = sync_channel(1);
        let begun = glib::idle_source_new(None, glib::Priority::DEFAULT, move || {
            // The receiver waits below.
            let _ = send.send(());
            glib::ControlFlow::Break
        });
        begun.attach(Some(&context));
        let run = {
            let (context, main_loop, server) = (context.clone(), main_loop.clone(), server.clone());
            move || run(&context, &main_loop, &server)
        };
        let thread = std::thread::Builder::new().name("camsim-rtsp".to_owned()).spawn(run);
        let thread = thread.map_err(|source| CamsimError::Thread { name: "RTSP", source })?;
        // A loop that is told to quit before it runs would run for ever.
        running.recv().map_err(|_| CamsimError::ServerGone)?;
        let sockets = Arc::default();
        name_clients(&server, &sockets);
        Ok(Self { server, context, main_loop, thread: Some(thread), sockets })
    }

    pub(super) fn sockets(&self) -> &Sockets {
        &self.sockets
    }

    /// Serves what `config` describes under its path from now on. Clients that play keep the stream they have.
    pub(super) fn mount(
        &self,
        config: &CameraConfig,
        film: FilmHandle,
        faults: Arc<PacketFaults>,
    ) -> Result<(), CamsimError> {
        launch::check(config.codec)?;
        let factory = RTSPMediaFactory::new();
        factory.set_launch(&launch::describe(config));
        factory.set_shared(true);
        factory.add_role_from_structure(
            &gstreamer::Structure::builder(ROLE)
                .field("media.factory.access", true)
                .field("media.factory.construct", true)
                .build(),
        );
        factory.connect_media_configure(move |_, media| configure(media, &film, &faults));
        let mounts =
            self.server.mount_points().ok_or_else(|| CamsimError::Server("it has no mount points".to_owned()))?;
        mounts.add_factory(&format!("/{}", config.path), factory);
        Ok(())
    }

    /// Asks connections to come for these credentials.
    pub(super) fn guard(&self, credentials: Option<&Credentials>, how: Authentication) {
        let auth = credentials.map(|credentials| {
            let auth = RTSPAuth::new();
            let token = RTSPToken::builder().field("media.factory.role", ROLE).build();
            let Credentials { user, password } = credentials;
            match how {
                Authentication::Basic => auth.add_basic(&RTSPAuth::make_basic(user, password), &token),
                Authentication::Digest => {
                    auth.set_supported_methods(RTSPAuthMethod::Digest);
                    auth.add_digest(user, password, &token);
                }
            }
            auth
        });
        self.server.set_auth(auth.as_ref());
    }

    /// What is to be done with a connection that has been accepted.
    pub(super) fn welcome(&self) -> impl Fn(TcpStream, SocketAddr) + Send + 'static {
        let (context, server, sockets) = (self.context.clone(), self.server.clone(), Arc::clone(&self.sockets));
        move |stream, peer| {
            let (server, sockets) = (server.clone(), Arc::clone(&sockets));
            context.invoke(move || hand_over(&server, &sockets, stream, peer));
        }
    }

    /// Closes all connections and ends all sessions.
    pub(super) fn disconnect_all(&self) -> Result<(), CamsimError> {
        let server = self.server.clone();
        self.on_loop(move || remove_all(&server))
    }

    /// Runs something on the server's thread and waits for it.
    fn on_loop<R: Send + 'static>(&self, task: impl FnOnce() -> R + Send + 'static) -> Result<R, CamsimError> {
        let (send, receive) = sync_channel(1);
        self.context.invoke(move || {
            // The receiver waits below.
            let _ = send.send(task());
        });
        receive.recv().map_err(|_| CamsimError::ServerGone)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing is left to close where the thread is gone.
        let _ = self.disconnect_all();
        self.main_loop.quit();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(context: &glib::MainContext, main_loop: &glib::MainLoop, server: &RTSPServer) {
    let sessions = server.session_pool();
    let clean = move || {
        if let Some(sessions) = &sessions {
            sessions.cleanup();
        }
        glib::ControlFlow::Continue
    };
    let source = glib::timeout_source_new(CLEANUP, None, glib::Priority::DEFAULT, clean);
    source.attach(Some(context));
    main_loop.run();
    source.destroy();
}

fn remove_all(server: &RTSPServer) {
    server.client_filter(Some(&mut |_, _| RTSPFilterResult::Remove));
    if let Some(pool) = server.session_pool() {
        pool.filter(Some(&mut |_, _| RTSPFilterResult::Remove));
    }
}

/// The library tells of a client while its connection is being handed over: the two belong together.
fn name_clients(server: &RTSPServer, sockets: &Arc<Sockets>) {
    let sockets = Arc::clone(sockets);
    server.connect_client_connected(move |_, client| {
        let own = Arc::clone(&sockets);
        if let Some(id) = sockets.take_arriving() {
            client.connect_closed(move |_| own.remove(id));
        }
    });
}

fn hand_over(server: &RTSPServer, sockets: &Sockets, stream: TcpStream, peer: SocketAddr) {
    if sockets.len() >= MOST_CLIENTS {
        return;
    }
    let Ok(own) = stream.try_clone() else { return };
    let Ok(socket) = gio::Socket::from_fd(OwnedFd::from(stream)) else { return };
    let id = sockets.insert(OwnedFd::from(own));
    let transferred = server.transfer_connection(socket, &peer.ip().to_string(), i32::from(peer.port()), None);
    if transferred.is_err() {
        sockets.remove(id);
    }
}

/// Connects a stream that has been built for its first client.
fn configure(media: &RTSPMedia, film: &FilmHandle, faults: &Arc<PacketFaults>) {
    let Ok(bin) = media.element().downcast::<Bin>() else { return };
    let Some(source) = bin.by_name(FILM).and_then(|element| element.downcast::<AppSrc>().ok()) else { return };
    if let Some(pad) = bin.by_name(PAYLOADER).and_then(|payloader| payloader.static_pad("src")) {
        watch_packets(&pad, Arc::clone(faults));
    }
    let prepared = Arc::new(AtomicBool::new(false));
    film.add(Outlet::new(&source, Arc::clone(&prepared)));
    let (when_prepared, faults) = (film.clone(), Arc::clone(faults));
    media.connect_prepared(move |media| {
        prepared.store(true, Ordering::Release);
        watch_session(media, &faults);
        when_prepared.look_again();
    });
    let when_over = film.clone();
    media.connect_unprepared(move |_| when_over.look_again());
}

/// The RTP session sits beside the stream's bin in the pipeline that the library has made.
fn watch_session(media: &RTSPMedia, faults: &Arc<PacketFaults>) {
    let pipeline = media.element().parent().and_then(|parent| parent.downcast::<Bin>().ok());
    let elements = pipeline.into_iter().flat_map(|pipeline| pipeline.children());
    let reports = elements.filter_map(|element| element.static_pad("send_rtcp_src_0"));
    reports.for_each(|pad| watch_reports(&pad, Arc::clone(faults)));
}

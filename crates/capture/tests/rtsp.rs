//! A real RTSP server in this process, and servers that misbehave.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is not as it must be")]

mod common;

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use gstreamer::glib;
use gstreamer_rtsp_server::prelude::*;
use gstreamer_rtsp_server::{RTSPAuth, RTSPFilterResult, RTSPMediaFactory, RTSPServer, RTSPToken, gio};
use maskd_capture::{CaptureError, CaptureOptions, Interrupt, RtspTransport, Source, open};

const LAUNCH: &str = "( videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=25/1 \
     ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10 ! rtph264pay name=pay0 config-interval=1 \
     audiotestsrc is-live=true ! audio/x-raw,rate=8000 ! alawenc ! rtppcmapay name=pay1 )";

/// What a server proves by that it is itself: PEM files.
#[derive(Clone)]
struct Identity {
    certificate: PathBuf,
    key: PathBuf,
}

/// A server on a free port; stops with the main loop.
struct Server {
    port: u16,
    server: RTSPServer,
    main_loop: glib::MainLoop,
    thread: Option<thread::JoinHandle<()>>,
}

impl Server {
    fn start(password: Option<&'static str>) -> Self {
        Self::start_with(password, None)
    }

    fn start_with(password: Option<&'static str>, tls: Option<Identity>) -> Self {
        gstreamer::init().unwrap();
        let (send, receive) = std::sync::mpsc::sync_channel(1);
        let thread = thread::spawn(move || {
            let context = glib::MainContext::new();
            let main_loop = glib::MainLoop::new(Some(&context), false);
            let server = server(password, tls.as_ref());
            server.attach(Some(&context)).unwrap();
            send.send((server, main_loop.clone())).unwrap();
            main_loop.run();
        });
        let (server, main_loop) = receive.recv().unwrap();
        let port = u16::try_from(server.bound_port()).unwrap();
        Self { port, server, main_loop, thread: Some(thread) }
    }

    fn url(&self, user: &str, path: &str) -> String {
        format!("rtsp://{user}127.0.0.1:{}/{path}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The clients have threads of their own.
        self.server.client_filter(Some(&mut |_, _| RTSPFilterResult::Remove));
        self.main_loop.quit();
        self.thread.take().unwrap().join().unwrap();
    }
}

fn server(password: Option<&str>, tls: Option<&Identity>) -> RTSPServer {
    let server = RTSPServer::new();
    server.set_service("0");
    server.set_address("127.0.0.1");
    let factory = RTSPMediaFactory::new();
    factory.set_launch(LAUNCH);
    factory.set_shared(true);
    if let Some(password) = password {
        let auth = RTSPAuth::new();
        let token = RTSPToken::builder().field("media.factory.role", "viewer").build();
        auth.add_basic(&RTSPAuth::make_basic("viewer", password), &token);
        let certificate = tls.map(|own| gio::TlsCertificate::from_files(&own.certificate, &own.key).unwrap());
        auth.set_tls_certificate(certificate.as_ref());
        server.set_auth(Some(&auth));
        factory.add_role_from_structure(
            &gstreamer::Structure::builder("viewer")
                .field("media.factory.access", true)
                .field("media.factory.construct", true)
                .build(),
        );
    }
    server.mount_points().unwrap().add_factory("/live", factory);
    server
}

fn options() -> CaptureOptions {
    CaptureOptions { open_timeout: Duration::from_secs(10), ..CaptureOptions::default() }
}

fn take(source: &mut dyn Source, frames: u64) {
    let mut last = None;
    for number in source.info().frames.unwrap_or(0)..frames {
        let frame = source.next_frame().unwrap().unwrap();
        assert_eq!((frame.number, frame.width, frame.height), (number, 320, 240));
        assert!(last < Some(frame.stamp.pts_ns));
        last = Some(frame.stamp.pts_ns);
    }
}

#[test]
fn frames_arrive_over_either_transport() {
    let server = Server::start(None);
    for rtsp_transport in [RtspTransport::Tcp, RtspTransport::Udp] {
        let options = CaptureOptions { rtsp_transport, ..options() };
        let mut source = open(&server.url("", "live"), &options).unwrap();
        let info = source.info();
        assert_eq!((info.width, info.height, info.frames, info.frames_estimate), (320, 240, None, None));
        take(&mut *source, 20);
    }
}

#[test]
fn a_slow_reader_gets_the_newest_frame() {
    let server = Server::start(None);
    let mut source = open(&server.url("", "live"), &options()).unwrap();
    take(&mut *source, 10);
    let before = source.next_frame().unwrap().unwrap();
    thread::sleep(Duration::from_secs(1));
    // In turn, the next frame would be 40 ms later; a busy server may fall behind the second.
    let after = source.next_frame().unwrap().unwrap();
    assert_eq!(after.number, before.number + 1);
    let skipped = after.stamp.pts_ns - before.stamp.pts_ns;
    assert!(skipped > 250_000_000, "only {skipped} ns later after a second");
}

#[test]
fn user_and_password_are_used_and_kept_secret() {
    let server = Server::start(Some("h%un ter2"));
    let url = server.url("viewer:h%25un%20ter2@", "live?token=abc123");
    let mut source = open(&url, &options()).unwrap();
    assert_eq!(source.info().name, server.url("", "live"));
    take(&mut *source, 3);
    drop(source);
    let error = open(&server.url("viewer:wrongword@", "live?token=abc123"), &options()).map(drop).unwrap_err();
    assert!(matches!(error, CaptureError::Unauthorised { .. }), "{error:?}");
    for text in [error.to_string(), format!("{error:?}")] {
        assert!(!text.contains("wrongword") && !text.contains("abc123"), "{text}");
    }
}

/// A certificate that nobody has signed, for a name that no camera has.
fn identity(folder: &std::path::Path, name: &str) -> Identity {
    let (certificate, key) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}.key")));
    let kind = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=IPC"];
    let made = Command::new("openssl").args(kind).arg("-keyout").arg(&key).arg("-out").arg(&certificate).output();
    assert!(made.unwrap().status.success(), "openssl makes no certificate");
    Identity { certificate, key }
}

#[test]
fn an_encrypted_stream_is_taken_from_the_camera_that_is_known_and_from_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let (camera, other) = (identity(folder.path(), "camera"), identity(folder.path(), "other"));
    let server = Server::start_with(Some("hunter2"), Some(camera.clone()));
    let url = server.url("viewer:hunter2@", "live").replace("rtsp://", "rtsps://");
    let with = |tls_certificate: Option<PathBuf>| open(&url, &CaptureOptions { tls_certificate, ..options() });
    let mut source = with(Some(camera.certificate)).unwrap();
    assert!(source.info().name.starts_with("rtsps://127.0.0.1:"));
    take(&mut *source, 5);
    drop(source);
    for (certificate, what) in [(None, "anybody's"), (Some(other.certificate), "another's")] {
        let error = with(certificate).map(drop).err().unwrap_or_else(|| panic!("{what} certificate is taken"));
        assert!(matches!(&error, CaptureError::Certificate { .. }), "{error:?}");
    }
    let nothing = with(Some(folder.path().join("nothing.pem"))).map(drop).unwrap_err();
    assert!(matches!(nothing, CaptureError::Unreadable { .. }), "{nothing:?}");
    let key = with(Some(camera.key)).map(drop).unwrap_err();
    assert!(matches!(key, CaptureError::Unreadable { .. }), "{key:?}");
}

#[test]
fn a_path_that_is_not_served() {
    let server = Server::start(None);
    let error = open(&server.url("", "dead"), &options()).map(drop).unwrap_err();
    assert!(matches!(&error, CaptureError::Element { message, .. } if !message.is_empty()), "{error:?}");
}

#[test]
fn a_server_that_goes_away_ends_the_stream() {
    let server = Server::start(None);
    let options = CaptureOptions { stall_timeout: Duration::from_secs(2), ..options() };
    let mut source = open(&server.url("", "live"), &options).unwrap();
    take(&mut *source, 5);
    drop(server);
    let begin = Instant::now();
    while let Ok(Some(_)) = source.next_frame() {
        assert!(begin.elapsed() < Duration::from_secs(20), "frames still come from a server that is gone");
    }
}

#[test]
fn nobody_listens() {
    let error = open("rtsp://127.0.0.1:1/live", &options()).map(drop).unwrap_err();
    assert!(matches!(error, CaptureError::Element { .. }), "{error:?}");
}

#[test]
fn a_server_that_never_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("rtsp://127.0.0.1:{}/live", listener.local_addr().unwrap().port());

    let options = CaptureOptions { open_timeout: Duration::from_millis(500), ..options() };
    let begin = Instant::now();
    let error = open(&url, &options).map(drop).unwrap_err();
    assert!(matches!(error, CaptureError::Timeout { first: true, .. }), "{error:?}");
    assert!(begin.elapsed() < Duration::from_secs(3));

    let options = CaptureOptions { interrupt: Interrupt::default(), ..self::options() };
    let interrupt = options.interrupt.clone();
    let setter = thread::spawn(move || {
        thread::sleep(Duration::from_millis(300));
        interrupt.set();
    });
    let begin = Instant::now();
    let error = open(&url, &options).map(drop).unwrap_err();
    assert!(matches!(error, CaptureError::Interrupted), "{error:?}");
    assert!(begin.elapsed() < Duration::from_secs(2));
    setter.join().unwrap();
}

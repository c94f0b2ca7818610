use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How frames are to be fetched.
#[derive(Clone, Debug)]
pub struct CaptureOptions {
    /// Largest picture that is accepted, in pixels; a header that promises more is refused before it is decoded
    /// wherever the format allows.
    pub max_pixels: u64,
    /// How long [`open`](crate::open) waits for the first frame.
    pub open_timeout: Duration,
    /// How long [`Source::next_frame`](crate::Source::next_frame) waits at least for a frame of a source that has gone
    /// silent: ten times as long as a camera's frames usually take where that is longer, `open_timeout` where that is not
    /// known yet, and 20 s for files.
    pub stall_timeout: Duration,
    /// What RTP travels over.
    pub rtsp_transport: RtspTransport,
    /// How long the jitter buffer of an RTSP stream waits for a packet that is late, in milliseconds. Packets that come
    /// in time are not held back.
    pub rtsp_latency_ms: u32,
    /// User and password of an RTSP server, in place of those in the address.
    pub credentials: Option<Credentials>,
    /// PEM file with the own certificate of a server of `rtsps://`, for those whose certificate nobody has signed whom the system trusts.
    /// It is read with every attempt to open the source.
    pub tls_certificate: Option<PathBuf>,
    /// Set it from another thread to end a wait.
    pub interrupt: Interrupt,
}

impl Default for CaptureOptions {
    fn default() -> Self {
        Self {
            max_pixels: 8192 * 4320,
            open_timeout: Duration::from_secs(20),
            stall_timeout: Duration::from_secs(20),
            rtsp_transport: RtspTransport::default(),
            rtsp_latency_ms: 200,
            credentials: None,
            tls_certificate: None,
            interrupt: Interrupt::default(),
        }
    }
}

/// What RTP travels over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RtspTransport {
    /// Interleaved in the RTSP connection: no loss, passes firewalls.
    #[default]
    Tcp,
    /// Datagrams: lower latency, but lost packets damage frames.
    Udp,
}

/// User and password. They appear in no text, `Debug` included.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    user: String,
    password: String,
}

impl Credentials {
    /// As they are, without percent encoding.
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self { user: user.into(), password: password.into() }
    }

    pub(crate) fn user(&self) -> &str {
        &self.user
    }

    pub(crate) fn password(&self) -> &str {
        &self.password
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(***)")
    }
}

/// A flag that stops a source, to be set from any thread; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Makes the running and every later wait end with [`CaptureError::Interrupted`](crate::CaptureError::Interrupted).
    ///
    /// A wait notices within about 50 ms. Does nothing but store a flag, so that a signal handler may call it.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was set.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

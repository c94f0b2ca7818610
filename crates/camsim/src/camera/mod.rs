//! A camera on the RTSP server library of GStreamer.

mod accept;
mod film;
mod launch;
mod outlet;
mod rtp;
mod server;
mod sockets;

use std::net::SocketAddr;
use std::sync::Arc;

use maskd_scene::Truth;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{CameraConfig, CamsimError, Codec, Credentials};
use accept::Acceptor;
use film::Film;
use server::Server;

pub use film::Take;
pub use rtp::TimestampFault;

/// A camera that is switched on. Dropping it ends its connections, its threads and its port.
pub struct Camera {
    config: CameraConfig,
    address: SocketAddr,
    // Fields are dropped in this order: nobody comes in, everybody is sent away, the film ends.
    acceptor: Option<Acceptor>,
    server: Server,
    film: Film,
    faults: Arc<rtp::PacketFaults>,
}

impl Camera {
    /// Switches a camera on.
    ///
    /// # Errors
    /// When the configuration is not valid, an element of GStreamer is not installed, the file cannot be played or the port
    /// is taken.
    pub fn start(config: CameraConfig) -> Result<Self, CamsimError> {
        config.validate()?;
        gstreamer::init().map_err(CamsimError::Initialise)?;
        let film = Film::start(&config)?;
        let server = Server::start()?;
        let faults = Arc::new(rtp::PacketFaults::new(config.sender_reports));
        server.mount(&config, film.handle(), Arc::clone(&faults))?;
        server.guard(config.credentials.as_ref(), config.authentication);
        let acceptor = Acceptor::start(config.listen, server.welcome())?;
        Ok(Self { address: acceptor.address(), acceptor: Some(acceptor), server, film, faults, config })
    }

    /// Where it listens, or did before [`stop`](Self::stop).
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Address of the stream, with user and password where they are needed.
    pub fn url(&self) -> String {
        self.url_as(self.config.credentials.as_ref())
    }

    /// Address of the stream for somebody with other credentials, or none.
    pub fn url_as(&self, credentials: Option<&Credentials>) -> String {
        let coded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
        let login = credentials.map(|login| format!("{}:{}@", coded(&login.user), coded(&login.password)));
        format!("rtsp://{}{}/{}", login.unwrap_or_default(), self.address, self.config.path)
    }

    /// Closes the port and all connections in order, as when a camera is shut down.
    ///
    /// # Errors
    /// When the server's thread is gone.
    pub fn stop(&mut self) -> Result<(), CamsimError> {
        self.acceptor = None;
        self.server.disconnect_all()
    }

    /// Listens again on the same port after [`stop`](Self::stop); the film goes on where it was.
    ///
    /// # Errors
    /// When somebody has taken the port.
    pub fn restart(&mut self) -> Result<(), CamsimError> {
        if self.acceptor.is_none() {
            self.acceptor = Some(Acceptor::start(self.address, self.server.welcome())?);
        }
        Ok(())
    }

    /// Holds the picture back: connections stay, RTSP and RTCP are answered, but no frame is sent.
    pub fn freeze(&self) {
        self.film.freeze(true);
    }

    /// Sends frames again.
    pub fn thaw(&self) {
        self.film.freeze(false);
    }

    /// Ends all connections by RST, sessions and streams over UDP too; who comes again is served.
    ///
    /// # Errors
    /// When the server's thread is gone.
    pub fn reset(&self) -> Result<(), CamsimError> {
        self.server.sockets().reset_all();
        self.server.disconnect_all()
    }

    /// Changes the size of the picture with the next frame, in streams that play as well: the codecs carry that. The footage
    /// starts over; the take says with which frame.
    ///
    /// # Errors
    /// When codec or scene do not go with the size; then nothing changes.
    pub fn set_size(&mut self, size: (u32, u32)) -> Result<Take, CamsimError> {
        self.config.codec.accept(size)?;
        let take = self.film.set_size(size)?;
        self.config.size = size;
        Ok(take)
    }

    /// Changes the codec for clients that come from now on. Who plays keeps the codec that its description names, until
    /// [`reset`](Self::reset) for example.
    ///
    /// # Errors
    /// When the codec cannot carry the size or its encoder is not installed; then nothing changes.
    pub fn set_codec(&mut self, codec: Codec) -> Result<(), CamsimError> {
        codec.accept(self.config.size)?;
        let config = CameraConfig { codec, ..self.config.clone() };
        self.server.mount(&config, self.film.handle(), Arc::clone(&self.faults))?;
        self.config = config;
        Ok(())
    }

    /// Changes who may watch, for connections that come from now on.
    pub fn set_credentials(&mut self, credentials: Option<Credentials>) {
        self.server.guard(credentials.as_ref(), self.config.authentication);
        self.config.credentials = credentials;
    }

    /// Moves the RTP timestamps of all frames to come, forwards or backwards. Sender reports tell of it.
    pub fn jump_timestamps(&self, milliseconds: i64) {
        self.faults.jump(milliseconds);
    }

    /// Spoils the RTP timestamps of all frames to come.
    pub fn set_timestamp_fault(&self, fault: TimestampFault) {
        self.faults.set_fault(fault);
    }

    /// Sends RTCP sender reports or keeps them back.
    pub fn set_sender_reports(&self, sent: bool) {
        self.faults.set_reports(sent);
    }

    /// How many connections are open.
    pub fn clients(&self) -> usize {
        self.server.sockets().len()
    }

    /// How many frames have been filmed; the next has this number.
    pub fn frames(&self) -> u64 {
        self.film.frames()
    }

    /// All takes so far, one for each size in turn.
    pub fn takes(&self) -> Vec<Take> {
        self.film.takes()
    }

    /// The exact masks of a frame. Known for the last 2048 frames; empty where the footage has no masks.
    pub fn truth(&self, number: u64) -> Option<Arc<[Truth]>> {
        self.film.truth(number)
    }

    /// Why the film stands still, if it does: a video file that broke off. Reported once.
    pub fn failure(&self) -> Option<CamsimError> {
        self.film.take_failure()
    }
}

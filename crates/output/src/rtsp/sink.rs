use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use maskd_types::{Notice, TrackedFrame};

use super::chain::Chain;
use super::mount::Mount;
use super::server::Server;
use super::view::View;
use super::{RtspConfig, RtspStats};
use crate::{OutputError, Sink, naming};

/// Serves streams to RTSP players: any number of streams, each from its first frame or status on.
pub struct RtspSink {
    name: String,
    config: RtspConfig,
    stats: RtspStats,
    streams: HashMap<Arc<str>, Vec<Arc<Mount>>>,
    /// `None` after the end.
    server: Option<Server>,
}

impl RtspSink {
    /// Starts the server.
    ///
    /// # Errors
    /// [`OutputError::Listen`] where address and port cannot be had, [`OutputError::MissingElement`] where an element of
    /// the encoder is not installed.
    pub fn create(config: RtspConfig) -> Result<Self, OutputError> {
        gstreamer::init().map_err(OutputError::Gstreamer)?;
        Chain::build(&config)?;
        let server = Server::start(&config)?;
        let name = format!("rtsp://{}", server.address());
        Ok(Self { name, config, stats: RtspStats::default(), streams: HashMap::new(), server: Some(server) })
    }

    /// Where the server listens; `None` after the end.
    pub fn address(&self) -> Option<SocketAddr> {
        self.server.as_ref().map(Server::address)
    }

    /// The path of a stream's mount, from `/` on.
    pub fn path(stream: &str) -> String {
        format!("/{}", naming::path_part(stream))
    }

    /// What the server counts.
    pub fn stats(&self) -> RtspStats {
        self.stats.clone()
    }

    fn mounts(&mut self, stream: &Arc<str>) -> Result<&[Arc<Mount>], OutputError> {
        let Some(server) = &self.server else {
            return Err(OutputError::Closed { path: PathBuf::from(&self.name) });
        };
        let mounts = self.streams.entry(Arc::clone(stream)).or_insert_with(|| {
            let mounts = views(stream, &self.config, &self.stats);
            mounts.iter().for_each(|mount| server.add(mount));
            mounts
        });
        Ok(mounts)
    }

    /// Whoever watches the stream is told that it has ended, and nobody can begin to.
    fn remove(&mut self, stream: &str) {
        let mounts = self.streams.remove(stream).unwrap_or_default();
        if let Some(server) = &self.server {
            mounts.iter().for_each(|mount| server.remove(mount));
        }
    }
}

fn views(stream: &str, config: &RtspConfig, stats: &RtspStats) -> Vec<Arc<Mount>> {
    let path = RtspSink::path(stream);
    let masks = config.masks.then(|| (format!("{path}/masks"), View::Masks));
    let views = [(path, View::Annotated)].into_iter().chain(masks);
    views.map(|(path, view)| Arc::new(Mount::new(path, view, config, stats.counters()))).collect()
}

impl Sink for RtspSink {
    fn name(&self) -> &str {
        &self.name
    }

    /// Never waits for a player.
    fn write(&mut self, frame: &TrackedFrame) -> Result<(), OutputError> {
        let mounts = self.mounts(&frame.stream)?;
        let frame = Arc::new(frame.clone());
        mounts.iter().for_each(|mount| mount.show(&frame));
        Ok(())
    }

    fn notice(&mut self, notice: &Notice) -> Result<(), OutputError> {
        match notice {
            Notice::Status(status) if status.removed => self.remove(&status.stream),
            Notice::Status(status) => {
                self.mounts(&status.stream)?.iter().for_each(|mount| mount.source_is(status.state));
            }
            Notice::Object(_) => {}
        }
        Ok(())
    }

    /// Disconnects all players and frees the port.
    fn finish(&mut self) -> Result<(), OutputError> {
        self.server = None;
        Ok(())
    }
}

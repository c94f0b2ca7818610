use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use maskd_types::{Notice, TrackedFrame};
use zenoh::liveliness::LivelinessToken;
use zenoh::{Session, Wait};

use super::ZenohConfig;
use super::names::node_token;
use super::session::{failed, open};
use super::stream::Stream;
use crate::outlet::MakeSink;
use crate::{OutputError, Sink};

/// Publishes frames and notices through one session. See the [module](super).
pub struct ZenohSink {
    name: String,
    config: ZenohConfig,
    opened: Option<Opened>,
}

/// What ends with the session. Announcements and publishers go before it.
struct Opened {
    streams: HashMap<Arc<str>, Stream>,
    /// Publishers announced so far, and before them the node.
    entities: u32,
    _node: Option<LivelinessToken>,
    session: Session,
}

impl ZenohSink {
    /// Opens a session. It need not find anybody: who comes later is served from then on.
    ///
    /// # Errors
    /// [`OutputError::Address`] for an endpoint that this build cannot use, [`OutputError::Zenoh`] where Zenoh cannot listen or
    /// refuses a name.
    pub fn open(config: ZenohConfig) -> Result<Self, OutputError> {
        let session = open(&config)?;
        let node = config.format.has_cdr().then(|| {
            let token = node_token(&session.zid().to_string());
            session.liveliness().declare_token(token).wait().map_err(failed("does not take a token"))
        });
        let opened = Opened { streams: HashMap::new(), entities: 1, _node: node.transpose()?, session };
        Ok(Self { name: format!("zenoh {}", config.prefix), config, opened: Some(opened) })
    }

    fn stream(&mut self, name: &Arc<str>) -> Result<&mut Stream, OutputError> {
        let closed = || OutputError::Closed { path: PathBuf::from(&self.name) };
        let Opened { streams, entities, session, .. } = self.opened.as_mut().ok_or_else(closed)?;
        if !streams.contains_key(name) {
            let stream = Stream::declare(session, &self.config, name, *entities)?;
            *entities += 2;
            streams.insert(name.clone(), stream);
        }
        streams.get_mut(name).ok_or_else(closed)
    }
}

impl Sink for ZenohSink {
    fn name(&self) -> &str {
        &self.name
    }

    fn write(&mut self, frame: &TrackedFrame) -> Result<(), OutputError> {
        self.stream(&frame.stream)?.frame(frame)
    }

    fn notice(&mut self, notice: &Notice) -> Result<(), OutputError> {
        self.stream(notice.stream())?.notice(notice)?;
        if let (Notice::Status(status), Some(opened)) = (notice, &mut self.opened)
            && status.removed
        {
            // Its publishers are announced no longer.
            opened.streams.remove(&status.stream);
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), OutputError> {
        let Some(opened) = self.opened.take() else { return Ok(()) };
        drop(opened.streams);
        opened.session.close().wait().map_err(failed("cannot be closed"))
    }
}

/// What an [`Outlet`](crate::outlet::Outlet) calls to open a session, the first time and after failures.
pub fn maker(config: ZenohConfig) -> MakeSink {
    Box::new(move || Ok(Box::new(ZenohSink::open(config.clone())?)))
}

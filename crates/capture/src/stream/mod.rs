//! Frames out of a running GStreamer pipeline.

mod backlog;
mod count;
mod facts;
mod faults;
mod recovery;
mod running;
mod sample;
mod state;
mod watch;

use std::path::Path;
use std::time::Duration;

use maskd_types::{Frame, SourceInfo};

use crate::input::RtspAddress;
use crate::pipeline::Kind;
use crate::rate::period;
use crate::{CaptureError, CaptureOptions, RtspTransport, Source, SourceCounts};
use running::Running;
use sample::{Clock, Shape};

/// How long a file may take for a frame at the least.
const FILE_PATIENCE: Duration = Duration::from_secs(20);

/// Longest time between two frames that a camera is taken to need.
const SLOWEST: Duration = Duration::from_secs(6);

/// What a pipeline is to play.
#[derive(Clone)]
pub(crate) struct Recipe {
    pub kind: Kind,
    /// Name of the stream, without secrets.
    pub name: String,
    /// What the description of the pipeline wants filled in.
    values: Vec<(&'static str, toml::Value)>,
    /// What must not appear in errors.
    secret: Option<std::sync::Arc<RtspAddress>>,
    /// Bytes that the file lacks at its end; `None` where its container does not tell.
    missing_bytes: Option<u64>,
}

impl Recipe {
    /// Whether frames come by themselves.
    pub(crate) fn is_live(&self) -> bool {
        self.kind != Kind::File
    }

    /// A video file; `path` must be UTF-8, as GStreamer wants it.
    pub(crate) fn file(path: &Path, text: &str) -> Self {
        let values = vec![("location", text.into())];
        let missing_bytes = crate::container::missing_bytes(path);
        Self { kind: Kind::File, name: text.to_owned(), values, secret: None, missing_bytes }
    }

    /// A camera of this machine.
    pub(crate) fn device(text: &str) -> Self {
        let values = vec![("device", text.into())];
        Self { kind: Kind::V4l2, name: format!("v4l2://{text}"), values, secret: None, missing_bytes: None }
    }

    /// A stream from the network.
    pub(crate) fn rtsp(mut address: RtspAddress, options: &CaptureOptions) -> Self {
        if let Some(credentials) = &options.credentials {
            address.log_in_as(credentials);
        }
        let protocols = match options.rtsp_transport {
            RtspTransport::Tcp => "tcp",
            RtspTransport::Udp => "udp",
        };
        let text = |text: &Option<String>| text.clone().unwrap_or_default().into();
        let values = vec![
            ("location", address.location.clone().into()),
            ("user-id", text(&address.user)),
            ("user-pw", text(&address.password)),
            ("protocols", protocols.into()),
            ("latency", i64::from(options.rtsp_latency_ms).into()),
        ];
        let name = address.name.clone();
        Self { kind: Kind::Rtsp, name, values, secret: Some(address.into()), missing_bytes: None }
    }
}

/// A source that GStreamer decodes.
pub(crate) struct Video {
    info: SourceInfo,
    first: Option<Frame>,
    running: Running,
    /// Whether the end was reached, or an error.
    over: bool,
    live: bool,
    clock: Clock,
    open_timeout: Duration,
    stall_timeout: Duration,
    next: u64,
}

impl Video {
    /// Starts the pipeline and waits for the first frame.
    pub(crate) fn open(recipe: &Recipe, options: &CaptureOptions) -> Result<Self, CaptureError> {
        let mut running = Running::start(recipe, options)?;
        let Some(sample) = running.pull(options.open_timeout)? else {
            return Err(CaptureError::NoFrames { name: recipe.name.clone() });
        };
        let shape = Shape::of(&sample, &recipe.name, options.max_pixels)?;
        let mut clock = Clock::new(recipe.is_live());
        let first = shape.frame(&sample, 0, &mut clock, running.facts(&sample))?;
        let length = running.length_ns().filter(|_| recipe.kind == Kind::File);
        let info = SourceInfo {
            name: recipe.name.clone(),
            width: first.width,
            height: first.height,
            rate: shape.rate(),
            frames: count::exact_if_short(recipe, options, length, shape.rate())?,
            frames_estimate: count::estimate(length, shape.rate()),
        };
        let (live, &CaptureOptions { open_timeout, stall_timeout, .. }) = (recipe.is_live(), options);
        Ok(Self { info, first: Some(first), running, over: false, live, clock, open_timeout, stall_timeout, next: 1 })
    }

    fn wait(&mut self) -> Result<Option<Frame>, CaptureError> {
        let Some(sample) = self.running.pull(self.patience())? else {
            return Ok(None);
        };
        // Asked anew for every frame: cameras change their size while they run.
        let shape = Shape::of(&sample, &self.info.name, self.running.max_pixels())?;
        let frame = shape.frame(&sample, self.next, &mut self.clock, self.running.facts(&sample))?;
        self.next += 1;
        Ok(Some(frame))
    }

    /// How long to wait for a frame: a camera may be a slow one, and a disk that is busy is no reason to give a file up.
    fn patience(&self) -> Duration {
        if !self.live {
            return self.stall_timeout.max(FILE_PATIENCE);
        }
        let interval = self.running.interval().or_else(|| self.info.rate.and_then(period));
        self.stall_timeout.max(interval.map_or(self.open_timeout, |interval| interval.min(SLOWEST) * 10))
    }
}

impl Source for Video {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next_frame(&mut self) -> Result<Option<Frame>, CaptureError> {
        if let Some(frame) = self.first.take() {
            return Ok(Some(frame));
        }
        if self.over {
            return Ok(None);
        }
        let frame = self.wait();
        self.over = !matches!(frame, Ok(Some(_)));
        frame
    }

    fn is_live(&self) -> bool {
        self.live
    }

    fn counts(&self) -> SourceCounts {
        self.running.counts()
    }
}

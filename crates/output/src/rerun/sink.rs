use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use maskd_types::{Notice, TrackedFrame};
use re_log_types::TimePoint;
use re_sdk_types::archetypes::Scalars;

use super::annotations::Annotations;
use super::batch::Batch;
use super::recording::Recording;
use super::target::Target;
use super::{RerunConfig, RerunTarget, entities, times};
use crate::outlet::MakeSink;
use crate::{OutputError, Sink};

/// Writes frames and notices for Rerun. See the [module](super).
pub struct RerunSink {
    name: String,
    jpeg_quality: u8,
    /// How long rows wait for others.
    flush: Duration,
    quota_bytes: Option<u64>,
    recording: Recording,
    /// Whether the recording has begun: one without anything in it would only be in the way.
    begun: bool,
    annotations: HashMap<Arc<str>, Annotations>,
    batch: Batch,
    target: Option<Target>,
}

impl RerunSink {
    /// Opens the file or connects to the viewer. A recording begins with the first thing in it.
    ///
    /// # Errors
    /// [`OutputError::Create`] where the file cannot be opened, is another's or holds something else, [`OutputError::Write`] where it takes
    /// nothing; [`OutputError::Viewer`] and [`OutputError::ViewerSilent`] where there is no viewer.
    pub fn create(config: &RerunConfig) -> Result<Self, OutputError> {
        Self::continuing(config, Recording::new())
    }

    fn continuing(config: &RerunConfig, recording: Recording) -> Result<Self, OutputError> {
        let (name, flush) = match &config.target {
            RerunTarget::File(path) => (format!("rerun {}", path.display()), config.flush),
            RerunTarget::Viewer(address) => (format!("rerun {address}"), Duration::ZERO),
        };
        let target = Target::open(config)?;
        Ok(Self {
            name,
            jpeg_quality: config.jpeg_quality.clamp(1, 100),
            flush,
            quota_bytes: config.quota_bytes,
            recording,
            begun: false,
            annotations: HashMap::new(),
            batch: Batch::default(),
            target: Some(target),
        })
    }

    fn add(&mut self, frame: &TrackedFrame) -> Result<(), OutputError> {
        let (stream, at) = (&*frame.stream, times::of_frame(&frame.frame));
        let image = entities::image(&frame.frame, self.jpeg_quality)?;
        let masks = entities::masks(frame)?;
        if let Some(context) = self.annotations.entry(frame.stream.clone()).or_default().learn(frame) {
            self.batch.add(&entities::path(stream, &[]), &TimePoint::STATIC, &context);
        }
        self.batch.add(&entities::path(stream, &["image"]), &at, &image);
        if let Some(masks) = masks {
            self.batch.add(&entities::path(stream, &["masks"]), &at, &masks);
        }
        self.batch.add(&entities::path(stream, &["boxes"]), &at, &entities::boxes(frame));
        for object in &frame.objects {
            let score = Scalars::single(f64::from(object.score));
            self.batch.add(&entities::score_path(stream, object.id), &at, &score);
        }
        Ok(())
    }

    /// Keeps the quota. What always holds is told again in a new file.
    fn make_room(&mut self) -> Result<(), OutputError> {
        let Some(quota) = self.quota_bytes else { return Ok(()) };
        let Some(target) = self.target.take() else { return Ok(()) };
        let (target, anew) = target.make_room(quota)?;
        self.target = Some(target);
        if anew {
            self.begun = false;
            self.annotations.clear();
        }
        Ok(())
    }

    /// Sends what is due. After an error nothing more is taken.
    fn done(&mut self, so_far: Result<(), OutputError>) -> Result<(), OutputError> {
        let due = self.batch.is_due(self.flush);
        let result = so_far.and_then(|()| if due { self.send_batch() } else { Ok(()) });
        if result.is_err() {
            self.target = None;
        }
        result
    }

    fn send_batch(&mut self) -> Result<(), OutputError> {
        let Some(target) = &mut self.target else { return Ok(()) };
        let mut sent = false;
        for chunk in self.batch.take() {
            let chunk = chunk.map_err(|error| OutputError::Rerun(Box::new(error)))?;
            if !std::mem::replace(&mut self.begun, true) {
                target.send(&self.recording.introduction())?;
            }
            target.send(&self.recording.message(&chunk)?)?;
            sent = true;
        }
        // An end with nothing new puts nothing aside: the file before the one before would go for it.
        if sent { self.make_room() } else { Ok(()) }
    }

    fn open(&self) -> Result<&Target, OutputError> {
        self.target.as_ref().ok_or_else(|| OutputError::Closed { path: PathBuf::from(&self.name) })
    }
}

impl Sink for RerunSink {
    fn name(&self) -> &str {
        &self.name
    }

    fn write(&mut self, frame: &TrackedFrame) -> Result<(), OutputError> {
        self.open()?;
        let added = self.add(frame);
        self.done(added)
    }

    fn notice(&mut self, notice: &Notice) -> Result<(), OutputError> {
        self.open()?;
        let at = match notice {
            Notice::Status(status) => times::of_moment(status.since),
            Notice::Object(event) => times::of_event(event),
        };
        self.batch.add(&entities::path(notice.stream(), &["events"]), &at, &entities::event(notice));
        if let Notice::Status(status) = notice
            && status.removed
        {
            self.annotations.remove(&status.stream);
        }
        self.done(Ok(()))
    }

    fn idle(&mut self, _: Instant) -> Result<(), OutputError> {
        let there = self.open()?.check();
        self.done(there)
    }

    fn finish(&mut self) -> Result<(), OutputError> {
        if self.target.is_none() {
            return Ok(());
        }
        let sent = self.send_batch();
        let target = self.target.take();
        sent?;
        target.map_or(Ok(()), Target::finish)
    }
}

/// What an [`Outlet`](crate::outlet::Outlet) calls, the first time and after failures. All its sinks write to one recording.
pub fn maker(config: RerunConfig) -> MakeSink {
    let recording = Recording::new();
    Box::new(move || Ok(Box::new(RerunSink::continuing(&config, recording.clone())?)))
}

use std::collections::HashMap;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use maskd_types::{Notice, SourceState, TrackedFrame};

use super::segment::Segment;
use super::store::Store;
use super::{RecordingConfig, room};
use crate::{OutputError, Sink, video};

/// After so many frames, or so long, sizes are looked at again.
const FRAMES_BETWEEN_LOOKS: u32 = 25;
const TIME_BETWEEN_LOOKS: Duration = Duration::from_secs(1);
/// Open segments take this part of the quota at most, so that it always holds several finished ones.
const SHARE: u64 = 4;
/// This part of the quota is left for what comes between two looks.
const MARGIN: u64 = 16;

/// Records any number of streams, each in a directory of its own.
pub struct RecordingSink {
    name: String,
    config: RecordingConfig,
    store: Store,
    open: HashMap<Arc<str>, Segment>,
    looked: Instant,
    frames_since: u32,
    closed: bool,
}

impl RecordingSink {
    /// Makes the directory and looks at what earlier runs have left there; removes nothing.
    ///
    /// # Errors
    /// [`OutputError::NoRoom`] where less than the reserve and a little is free, [`OutputError::Create`] where the
    /// directory cannot be made, [`OutputError::MissingElement`] where the encoder is not installed.
    pub fn create(config: RecordingConfig) -> Result<Self, OutputError> {
        let directory = &config.directory;
        fs::create_dir_all(directory).map_err(|source| OutputError::Create { path: directory.clone(), source })?;
        room::to_begin(directory, config.reserve_bytes)?;
        video::check(config.container)?;
        let store = Store::open(directory)?;
        Ok(Self {
            name: format!("recording {}", directory.display()),
            config,
            store,
            open: HashMap::new(),
            looked: Instant::now(),
            // The first frame has everything looked at.
            frames_since: FRAMES_BETWEEN_LOOKS,
            closed: false,
        })
    }

    fn record(&mut self, frame: &TrackedFrame) -> Result<(), OutputError> {
        if self.open.get(&frame.stream).is_some_and(|segment| segment.is_over(frame, self.config.segment)) {
            self.finish_segment(&frame.stream)?;
        }
        self.look()?;
        let segment = match self.open.remove(&frame.stream) {
            Some(segment) => segment,
            None => Segment::begin(&self.config, frame)?,
        };
        let segment = self.open.entry(Arc::clone(&frame.stream)).insert_entry(segment).into_mut();
        segment.write(frame)
    }

    /// Keeps quota and reserve, now and then.
    fn look(&mut self) -> Result<(), OutputError> {
        self.frames_since += 1;
        if self.frames_since < FRAMES_BETWEEN_LOOKS && self.looked.elapsed() < TIME_BETWEEN_LOOKS {
            return Ok(());
        }
        (self.frames_since, self.looked) = (0, Instant::now());
        if let Some(quota) = self.config.quota_bytes {
            self.keep_quota(quota)?;
        }
        room::to_go_on(self.store.directory(), self.config.reserve_bytes)
    }

    fn keep_quota(&mut self, quota: u64) -> Result<(), OutputError> {
        let share = quota / SHARE / u64::try_from(self.open.len()).unwrap_or(u64::MAX).max(1);
        let sizes: Vec<(Arc<str>, u64)> = self.open.iter().map(|(name, open)| (name.clone(), open.bytes())).collect();
        let taken: u64 = sizes.iter().map(|(_, bytes)| bytes).sum();
        while self.store.bytes().saturating_add(taken) > quota - quota / MARGIN {
            if !self.store.remove_oldest()? {
                break;
            }
        }
        sizes.iter().filter(|(_, bytes)| *bytes > share).try_for_each(|(stream, _)| self.finish_segment(stream))
    }

    fn finish_segment(&mut self, stream: &str) -> Result<(), OutputError> {
        if let Some(segment) = self.open.remove(stream) {
            self.store.add(segment.finish()?);
        }
        Ok(())
    }

    fn finish_all(&mut self, mut which: impl FnMut(&Segment) -> bool) -> Result<(), OutputError> {
        let chosen = self.open.iter().filter(|(_, segment)| which(segment));
        let chosen: Vec<Arc<str>> = chosen.map(|(stream, _)| Arc::clone(stream)).collect();
        let finished: Vec<_> = chosen.iter().map(|stream| self.finish_segment(stream)).collect();
        finished.into_iter().collect()
    }

    /// Closes the sink after a failure, with as much saved as can be.
    fn closing(&mut self, result: Result<(), OutputError>) -> Result<(), OutputError> {
        if result.is_err() {
            self.closed = true;
            self.open.drain().for_each(|(_, segment)| segment.abandon());
        }
        result
    }

    fn check_open(&self) -> Result<(), OutputError> {
        if self.closed { Err(OutputError::Closed { path: self.config.directory.clone() }) } else { Ok(()) }
    }
}

impl Sink for RecordingSink {
    fn name(&self) -> &str {
        &self.name
    }

    fn write(&mut self, frame: &TrackedFrame) -> Result<(), OutputError> {
        self.check_open()?;
        let written = self.record(frame);
        self.closing(written)
    }

    fn notice(&mut self, notice: &Notice) -> Result<(), OutputError> {
        self.check_open()?;
        let noted = self.open.get_mut(notice.stream()).map_or(Ok(()), |segment| segment.notice(notice));
        self.closing(noted)?;
        match notice {
            Notice::Status(status) if status.state == SourceState::Ended => {
                let finished = self.finish_segment(&status.stream);
                self.closing(finished)
            }
            _ => Ok(()),
        }
    }

    /// Completes segments to which nothing more will be added.
    fn idle(&mut self, now: Instant) -> Result<(), OutputError> {
        self.check_open()?;
        let length = self.config.segment;
        let finished = self.finish_all(|segment| segment.is_idle(now, length));
        self.closing(finished)
    }

    fn finish(&mut self) -> Result<(), OutputError> {
        if std::mem::replace(&mut self.closed, true) {
            return Ok(());
        }
        let finished = self.finish_all(|_| true);
        self.closing(finished)
    }
}

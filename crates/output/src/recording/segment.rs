use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use maskd_types::{Notice, TrackedFrame};

use super::RecordingConfig;
use super::store::{self, with_ending};
use crate::masks::{MasksConfig, MasksSink};
use crate::ndjson::{NdjsonConfig, NdjsonSink};
use crate::video::{VideoConfig, VideoSink};
use crate::{OutputError, Sink, naming};

/// How much later a segment is said to begin where another has its name.
const NEXT_NAME_NS: u64 = 1_000_000;

/// A segment that is being written.
pub(super) struct Segment {
    base: PathBuf,
    video: PathBuf,
    size: [u32; 2],
    first_pts_ns: u64,
    last_pts_ns: u64,
    last_write: Instant,
    /// The video first.
    parts: Vec<Box<dyn Sink>>,
}

impl Segment {
    /// Begins a segment with the frame that will be its first.
    pub(super) fn begin(config: &RecordingConfig, frame: &TrackedFrame) -> Result<Self, OutputError> {
        let stream = config.directory.join(naming::path_part(&frame.stream));
        fs::create_dir_all(&stream).map_err(|source| OutputError::Create { path: stream.clone(), source })?;
        let base = free_name(&stream, frame.frame.stamp.capture.unix_ns);
        let video = with_ending(&base, config.container.extension());
        let pts_ns = frame.frame.stamp.pts_ns;
        let mut segment = Self {
            base,
            video,
            size: size(frame),
            first_pts_ns: pts_ns,
            last_pts_ns: pts_ns,
            last_write: Instant::now(),
            parts: Vec::new(),
        };
        // What has begun is cleared away where something else does not.
        match segment.parts(config) {
            Ok(parts) => segment.parts = parts,
            Err(error) => {
                segment.abandon();
                return Err(error);
            }
        }
        Ok(segment)
    }

    fn parts(&self, config: &RecordingConfig) -> Result<Vec<Box<dyn Sink>>, OutputError> {
        let (quality, container) = (config.quality, config.container);
        let video = VideoConfig { quality, container, ..VideoConfig::new(&self.video, None) };
        let mut parts: Vec<Box<dyn Sink>> = vec![Box::new(VideoSink::create(video)?)];
        if config.ndjson {
            let lines = NdjsonConfig::new(with_ending(&self.base, "ndjson"));
            parts.push(Box::new(NdjsonSink::create(&lines)?));
        }
        if config.masks {
            let directory = with_ending(&self.base, "masks");
            parts.push(Box::new(MasksSink::create(&MasksConfig { directory })?));
        }
        Ok(parts)
    }

    /// Whether a frame belongs to the next segment.
    pub(super) fn is_over(&self, frame: &TrackedFrame, length: Duration) -> bool {
        let pts_ns = frame.frame.stamp.pts_ns;
        let long = u128::from(pts_ns.saturating_sub(self.first_pts_ns)) >= length.as_nanos();
        long || pts_ns < self.last_pts_ns || size(frame) != self.size
    }

    /// Whether nothing has come for so long that the next frame would begin another anyway.
    pub(super) fn is_idle(&self, now: Instant, length: Duration) -> bool {
        now.saturating_duration_since(self.last_write) >= length
    }

    pub(super) fn write(&mut self, frame: &TrackedFrame) -> Result<(), OutputError> {
        self.last_pts_ns = frame.frame.stamp.pts_ns;
        self.last_write = Instant::now();
        self.parts.iter_mut().try_for_each(|part| part.write(frame))
    }

    pub(super) fn notice(&mut self, notice: &Notice) -> Result<(), OutputError> {
        self.parts.iter_mut().try_for_each(|part| part.notice(notice))
    }

    /// What it takes so far.
    pub(super) fn bytes(&self) -> u64 {
        store::bytes(&self.base)
    }

    /// Completes all its files, also where one of them fails; its path without ending.
    pub(super) fn finish(mut self) -> Result<PathBuf, OutputError> {
        let finished: Vec<_> = self.parts.iter_mut().map(|part| part.finish()).collect();
        finished.into_iter().collect::<Result<(), _>>()?;
        Ok(self.base)
    }

    /// Saves what can be saved after a failure.
    pub(super) fn abandon(mut self) {
        for part in &mut self.parts {
            // The failure that led here is the one to tell.
            let _ = part.finish();
        }
        self.parts.clear();
        if fs::metadata(&self.video).is_ok_and(|found| found.len() == 0) {
            // Nothing was lost that was ever there.
            let _ = fs::remove_file(&self.video);
        }
    }
}

fn size(frame: &TrackedFrame) -> [u32; 2] {
    [frame.frame.width, frame.frame.height]
}

/// A name that no segment has: clocks of cameras are set back.
fn free_name(stream: &Path, first_ns: u64) -> PathBuf {
    let mut begin_ns = first_ns;
    loop {
        let base = stream.join(naming::file_stamp(begin_ns));
        if !store::files(&base).any(|path| path.symlink_metadata().is_ok()) {
            return base;
        }
        begin_ns = begin_ns.saturating_add(NEXT_NAME_NS);
    }
}

use std::fs::{self, File};

use gstreamer::ClockTime;
use maskd_types::TrackedFrame;

use super::VideoConfig;
use super::encoder::Encoder;
use super::letterbox::{even, onto_canvas};
use crate::{OutputError, Sink, overlay};

/// Two frames are never closer than this; sources whose time stands still or runs backwards get it instead.
const LEAST_STEP_NS: u64 = 1_000_000;

/// Draws what is known of each frame and encodes the pictures.
///
/// The video has the size of the first frame, made even. Its time starts at 0 with the first frame.
pub struct VideoSink {
    name: String,
    config: VideoConfig,
    /// `None` after an error and after the end.
    encoder: Option<Encoder>,
    started: Option<Started>,
}

#[derive(Clone, Copy)]
struct Started {
    size: [u32; 2],
    first_pts_ns: u64,
    /// When the last frame is shown, from the video's start.
    last_ns: u64,
}

impl VideoSink {
    /// Makes the file and sets the encoder up.
    ///
    /// # Errors
    /// Where the file cannot be made or an element of the encoder is missing.
    pub fn create(config: VideoConfig) -> Result<Self, OutputError> {
        let encoder = Encoder::build(&config)?;
        File::create(&config.path).map_err(|source| OutputError::Create { path: config.path.clone(), source })?;
        Ok(Self { name: format!("video {}", config.path.display()), config, encoder: Some(encoder), started: None })
    }

    fn encode(&mut self, encoder: &Encoder, frame: &TrackedFrame) -> Result<(), OutputError> {
        let pts_ns = frame.frame.stamp.pts_ns;
        let started = match self.started {
            Some(started) => started.advanced(pts_ns),
            None => {
                let size = [frame.frame.width, frame.frame.height].map(even);
                encoder.start(&self.config, size)?;
                Started { size, first_pts_ns: pts_ns, last_ns: 0 }
            }
        };
        self.started = Some(started);
        let picture = onto_canvas(overlay::draw(frame), started.size);
        let pts = ClockTime::from_nseconds(started.last_ns);
        encoder.push(&picture, pts)
    }
}

impl Started {
    fn advanced(self, pts_ns: u64) -> Self {
        let wanted = pts_ns.saturating_sub(self.first_pts_ns);
        Self { last_ns: wanted.max(self.last_ns.saturating_add(LEAST_STEP_NS)), ..self }
    }
}

impl Sink for VideoSink {
    fn name(&self) -> &str {
        &self.name
    }

    fn write(&mut self, frame: &TrackedFrame) -> Result<(), OutputError> {
        let Some(encoder) = self.encoder.take() else {
            return Err(OutputError::Closed { path: self.config.path.clone() });
        };
        self.encode(&encoder, frame)?;
        self.encoder = Some(encoder);
        Ok(())
    }

    /// A video without a single frame cannot be: where nothing was written, the empty file is removed.
    fn finish(&mut self) -> Result<(), OutputError> {
        let Some(encoder) = self.encoder.take() else {
            return Ok(());
        };
        if self.started.is_some() {
            return encoder.finish();
        }
        fs::remove_file(encoder.path()).map_err(|source| OutputError::Write { path: encoder.path().to_owned(), source })
    }
}

//! Folders of pictures and single pictures.

mod decode;
mod jpeg;
mod listing;
mod order;
mod png;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use maskd_types::{Frame, FrameRate, SourceInfo, Stamp};

use crate::{CaptureError, CaptureOptions, Source};

pub(crate) use decode::is_picture;

/// Pictures carry no time, so that they are shown at a rate that suits most players.
const RATE: FrameRate = FrameRate { numerator: 30, denominator: 1 };

/// Pictures of one size, one frame each.
pub(crate) struct Stills {
    info: SourceInfo,
    waiting: VecDeque<PathBuf>,
    first: Option<Frame>,
    next: u64,
    options: CaptureOptions,
}

impl Stills {
    /// All JPEG and PNG files of a folder, in natural order.
    pub(crate) fn folder(path: &Path, options: &CaptureOptions) -> Result<Self, CaptureError> {
        Self::new(path, listing::pictures(path)?.into(), options)
    }

    /// One picture.
    pub(crate) fn single(path: &Path, options: &CaptureOptions) -> Result<Self, CaptureError> {
        Self::new(path, VecDeque::from([path.to_owned()]), options)
    }

    fn new(path: &Path, mut waiting: VecDeque<PathBuf>, options: &CaptureOptions) -> Result<Self, CaptureError> {
        let name = path.display().to_string();
        let frames = waiting.len() as u64;
        let Some(first) = waiting.pop_front() else {
            return Err(CaptureError::NoFrames { name });
        };
        let first = decode::frame(&first, 0, Stamp::arriving(0), options.max_pixels)?;
        let (width, height) = (first.width, first.height);
        let info =
            SourceInfo { name, width, height, rate: Some(RATE), frames: Some(frames), frames_estimate: Some(frames) };
        Ok(Self { info, waiting, first: Some(first), next: 1, options: options.clone() })
    }

    fn decode(&mut self, path: &Path) -> Result<Frame, CaptureError> {
        let frame = decode::frame(path, self.next, stamp(self.next), self.options.max_pixels)?;
        let expected = (self.info.width, self.info.height);
        let found = (frame.width, frame.height);
        if found != expected {
            return Err(CaptureError::SizeChange { path: path.to_owned(), found, expected });
        }
        self.next += 1;
        Ok(frame)
    }
}

fn stamp(number: u64) -> Stamp {
    let nanoseconds = u128::from(number) * 1_000_000_000 * u128::from(RATE.denominator) / u128::from(RATE.numerator);
    Stamp::arriving(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}

impl Source for Stills {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next_frame(&mut self) -> Result<Option<Frame>, CaptureError> {
        if self.options.interrupt.is_set() {
            return Err(CaptureError::Interrupted);
        }
        if let Some(frame) = self.first.take() {
            return Ok(Some(frame));
        }
        let Some(path) = self.waiting.pop_front() else {
            return Ok(None);
        };
        let frame = self.decode(&path);
        if frame.is_err() {
            self.waiting.clear();
        }
        frame.map(Some)
    }
}
